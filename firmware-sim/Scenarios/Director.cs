using CareHub.Simulator.Devices;

namespace CareHub.Simulator.Scenarios;

/// <summary>
/// Decides what befalls whom. One for the whole city rather than dice in every device: so the rate of a scenario is the
/// city's, whatever the mix of devices in it. Deterministic: seed, fleet and time give the acts.
/// </summary>
internal sealed class Director
{
    /// <summary>A small fleet still sees something happen.</summary>
    private const int FleetMin = 200;

    private readonly SeededRandom _random;
    private readonly List<Process> _processes = [];
    private readonly PriorityQueue<Cue, (DateTimeOffset At, int Order)> _cues = new();
    private readonly IReadOnlyList<Device> _fleet;
    private readonly Disaster? _disaster;
    private int _planned;

    public Director(Scenario scenario, IReadOnlyList<Device> fleet, int seed, DateTimeOffset start)
    {
        _fleet = fleet;
        _disaster = scenario.Disaster;
        _random = SeededRandom.For(seed, $"scenario/{scenario.Name}");

        var scale = Math.Max(fleet.Count, FleetMin) / 1_000.0;
        foreach (var rate in scenario.Rates)
        {
            if (Candidates(rate.Kind, rate.Act) is { Length: > 0 } candidates)
            {
                var process = new Process(candidates, rate, rate.PerMinute * scale * DayShapes.Peak);
                _processes.Add(process);
                Plan(start + _random.UntilNext(process.PeakPerMinute), new Cue(Process: process));
            }
        }

        foreach (var opening in scenario.Opening)
        {
            if (Candidates(opening.Kind, opening.Act) is { Length: > 0 } candidates)
                Plan(start + opening.After, new Cue(Device: candidates[_random.Below(candidates.Length)], Act: opening.Act));
        }

        if (_disaster is not null)
            Plan(start + _disaster.First, new Cue(Strikes: true));
    }

    /// <summary>When <see cref="TryNext"/> may have something next.</summary>
    public DateTimeOffset NextDue => _cues.TryPeek(out _, out var due) ? due.At : DateTimeOffset.MaxValue;

    /// <summary>The next act that is due by <paramref name="now"/>, if any.</summary>
    public bool TryNext(DateTimeOffset now, out Befalling befalling)
    {
        while (_cues.TryPeek(out var cue, out var when) && when.At <= now)
        {
            _cues.Dequeue();
            if (cue.Strikes)
            {
                Strike(when.At);
            }
            else if (cue.Process is { } process)
            {
                Plan(when.At + _random.UntilNext(process.PeakPerMinute), cue);
                var device = process.Candidates[_random.Below(process.Candidates.Length)];
                // The process runs at its peak rate; keeping a share of it gives the hour's.
                if (!_random.Chance(process.Rate.Shape.At(Curve.LocalHour(when.At)) / DayShapes.Peak))
                    continue;
                befalling = new Befalling(device, process.Rate.Act, when.At);
                return true;
            }
            else
            {
                befalling = new Befalling(cue.Device, cue.Act, when.At);
                return true;
            }
        }

        befalling = default;
        return false;
    }

    private void Strike(DateTimeOffset now)
    {
        for (var i = 0; i < _fleet.Count; i++)
        {
            var dice = _random.NextUnit();
            var at = now + (_disaster!.Within * _random.NextUnit());
            if (dice < _disaster.AlarmShare)
                PlanIfKnown(i, Act.Alarm, at);
            else if ((dice -= _disaster.AlarmShare) < _disaster.FaultShare)
                PlanIfKnown(i, Act.Fault, at);
            else if ((dice - _disaster.FaultShare) < _disaster.LinkLostShare)
                PlanIfKnown(i, Act.LinkLost, at);
        }

        Plan(now + _disaster!.Every, new Cue(Strikes: true));
    }

    private void PlanIfKnown(int device, Act act, DateTimeOffset at)
    {
        if (_fleet[device].Knows(act))
            Plan(at, new Cue(Device: device, Act: act));
    }

    private int[] Candidates(string? kind, Act act) =>
        [.. Enumerable.Range(0, _fleet.Count).Where(i => (kind is null || _fleet[i].Identity.Kind == kind) && _fleet[i].Knows(act))];

    private void Plan(DateTimeOffset at, Cue cue) => _cues.Enqueue(cue, (at, _planned++));

    private sealed record Process(int[] Candidates, Rate Rate, double PeakPerMinute);

    private readonly record struct Cue(int Device = -1, Act Act = default, Process? Process = null, bool Strikes = false);
}

/// <summary>An act that befalls the device with an index in the fleet.</summary>
internal readonly record struct Befalling(int Device, Act Act, DateTimeOffset At);
