using System.Threading.Channels;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Scenarios;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Fleet;

/// <summary>
/// All devices of a run. One caller drives it by <see cref="Tick"/>, and only that caller touches it: a thousand devices
/// cost one timer, no locks and no task of their own.
/// </summary>
internal sealed class DeviceFleet
{
    private readonly Channel<Notice> _mail = Channel.CreateUnbounded<Notice>(new UnboundedChannelOptions { SingleReader = true });
    private readonly PriorityQueue<int, DateTimeOffset> _wakes = new();
    private readonly List<DeviceEvent> _events = [];
    private readonly DeviceSession[] _sessions;
    private readonly DateTimeOffset[] _wakeAt;
    private readonly Director _director;
    private readonly ConnectGate _gate;
    private readonly SimulatedClock _clock;

    public DeviceFleet(IReadOnlyList<DeviceIdentity> identities, Scenario scenario, FleetOptions options, IDeviceLinkFactory links, TimeProvider time, FleetLimits? limits = null)
    {
        limits ??= FleetLimits.Default;
        _clock = new SimulatedClock(time, options.Speed);
        _gate = new ConnectGate(limits, time);
        var context = new FleetContext(options.Seed, options.RunId, limits, Ledger, links, _clock, time, notice => _mail.Writer.TryWrite(notice), _gate.Add);
        _sessions = [.. identities.Select(identity => new DeviceSession(new Device(identity, options.Seed, _clock.Start), context))];
        _wakeAt = new DateTimeOffset[_sessions.Length];
        _director = new Director(scenario, [.. _sessions.Select(session => session.Device)], options.Seed, _clock.Start);
        for (var i = 0; i < _sessions.Length; i++)
        {
            _gate.Add(_sessions[i], TimeSpan.Zero);
            WakeAtNextDue(i);
        }
    }

    public Ledger Ledger { get; } = new();

    /// <summary>Whether the devices have stopped having a day and only tell what is left.</summary>
    public bool IsEnding { get; private set; }

    public bool IsDrained => _sessions.All(session => session.IsDone);

    /// <summary>Does what is due: mail, acts, devices, connections.</summary>
    public void Tick()
    {
        while (_mail.Reader.TryRead(out var notice))
        {
            if (notice.Kind is NoticeKind.Connected or NoticeKind.ConnectFailed)
                _gate.Left(notice.Session);
            notice.Session.Take(notice);
        }

        if (!IsEnding)
            Live(_clock.Now);
        _gate.Open();
    }

    /// <summary>From now on nothing new happens; devices that are offline by their day come back to tell what they keep.</summary>
    public void BeginEnd()
    {
        IsEnding = true;
        foreach (var session in _sessions)
            session.LetOnline();
    }

    /// <summary>Says goodbye for every device.</summary>
    public Task EndAsync()
    {
        Ledger.DevicesNeverOnline = _sessions.Count(session => session.WasNeverOnline);
        return Task.WhenAll(_sessions.Select(session => session.EndAsync()));
    }

    private void Live(DateTimeOffset now)
    {
        while (_director.TryNext(now, out var befalling))
        {
            var device = _sessions[befalling.Device].Device;
            // What was due before comes before: the same day however often the fleet ticks.
            device.Step(befalling.At, _events);
            device.Befall(befalling.Act, befalling.At, _events);
            Deliver(befalling.Device);
        }

        while (_wakes.TryPeek(out var i, out var due) && due <= now)
        {
            _wakes.Dequeue();
            if (due != _wakeAt[i])
                continue;
            _sessions[i].Device.Step(now, _events);
            Deliver(i);
        }
    }

    private void Deliver(int i)
    {
        foreach (var happened in _events)
            _sessions[i].Accept(happened);
        _events.Clear();
        WakeAtNextDue(i);
    }

    private void WakeAtNextDue(int i)
    {
        var due = _sessions[i].Device.NextDue;
        if (due == _wakeAt[i])
            return;
        _wakeAt[i] = due;
        _wakes.Enqueue(i, due);
    }
}

/// <summary>What makes a run.</summary>
/// <param name="Seed">The same seed is the same day.</param>
/// <param name="Speed">Simulated seconds in one of ours.</param>
/// <param name="RunId">Part of every signal's id.</param>
internal sealed record FleetOptions(int Seed, double Speed, string RunId);
