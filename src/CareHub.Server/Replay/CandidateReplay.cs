using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms.Journal;

namespace CareHub.Server.Replay;

/// <summary>What a signal led to, as far as a rule can change it.</summary>
/// <param name="Priority">Of the alarm it belongs to, right after it; null without one.</param>
internal readonly record struct Verdict(SignalOutcome Outcome, Priority? Priority, string Reason)
{
    public bool IsLike(Verdict other) => (Outcome, Priority) == (other.Outcome, other.Priority);

    public override string ToString() => Priority is { } priority ? $"{Words<SignalOutcome>.Of(Outcome)} {Words<Priority>.Of(priority)}" : Words<SignalOutcome>.Of(Outcome);
}

/// <summary>A signal that the candidate decides otherwise.</summary>
internal sealed record CandidateDifference(DateTimeOffset At, string DeviceId, string SignalId, SignalKind Kind, Verdict Recorded, Verdict Candidate);

/// <summary>What would differ.</summary>
/// <param name="Signals">Signals by kind.</param>
/// <param name="Counts">Differences by kind and by what became what.</param>
/// <param name="Events">What happened to alarms, as recorded and under the candidate: raised, escalated and the like.</param>
/// <param name="Listed">The first differences.</param>
internal sealed record CandidateReport(
    IReadOnlyDictionary<SignalKind, int> Signals,
    IReadOnlyDictionary<(SignalKind Kind, string Recorded, string Candidate), int> Counts,
    IReadOnlyDictionary<string, (int Recorded, int Candidate)> Events,
    IReadOnlyList<CandidateDifference> Listed);

/// <summary>
/// The dry run: the history as it was up to a time, and from there twice, under the rules of then and under the candidate.
/// What people did is done in both; under the candidate to the alarm of the same device and kind, if there is one.
/// </summary>
internal sealed class CandidateReplay
{
    public const int ListedMax = 100;

    private readonly RecordedHistory _history;
    private readonly RuleBook _candidate;
    private readonly DateTimeOffset _from;
    private readonly Dictionary<string, SiteState> _sites = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _now = new(StringComparer.Ordinal);
    private readonly Dictionary<SignalKind, int> _signals = [];
    private readonly Dictionary<(SignalKind Kind, string Recorded, string Candidate), int> _counts = [];
    private readonly Dictionary<string, (int Recorded, int Candidate)> _events = new(StringComparer.Ordinal);
    private readonly List<CandidateDifference> _listed = [];

    private CandidateReplay(RecordedHistory history, RuleBook candidate, DateTimeOffset from) => (_history, _candidate, _from) = (history, candidate, from);

    /// <param name="from">The candidate rules from then on.</param>
    public static CandidateReport Run(string file, RuleBook candidate, DateTimeOffset from)
    {
        using var history = RecordedHistory.Open(file);
        return new CandidateReplay(history, candidate, from).Run();
    }

    private CandidateReport Run()
    {
        var last = _from;
        foreach (var step in _history.Steps())
        {
            // The candidate parts from the record with the site as it is before its first step within the time.
            var before = _history.SiteOf(step.SiteId);
            var recorded = _history.Take(step);
            if (step.At < _from)
            {
                continue;
            }

            last = step.At > last ? step.At : last;
            _sites.TryAdd(step.SiteId, before);
            Count(recorded, (counts, by) => counts with { Recorded = counts.Recorded + by });
            PassTime(step.SiteId, step.At);
            Take(step, before, recorded);
        }

        foreach (var siteId in _sites.Keys.ToList())
        {
            PassTime(siteId, last);
        }

        return new(_signals, _counts, _events, _listed);
    }

    private void Take(RecordedStep step, SiteState before, StepResult recorded)
    {
        switch (step.Input)
        {
            case TriageInput.FromDevice input:
                var result = Step(step.SiteId, input, step.At);
                Compare(step, input.Signal, VerdictOf(recorded), VerdictOf(result));
                break;
            case TriageInput.FromPerson { Command: AlarmCommand.OfSite }:
                Step(step.SiteId, step.Input, step.At);
                break;
            case TriageInput.FromPerson person when before.FindOpen(person.Command.AlarmId) is { } alarm && _sites[step.SiteId].Open.TryGetValue(alarm.Key, out var twin):
                // What was done then covered all there was to see; so it does here.
                Step(step.SiteId, new TriageInput.FromPerson(person.Command with { AlarmId = twin.Id, Version = twin.Version }), step.At);
                break;
        }
    }

    /// <summary>From deadline to deadline, as the pipeline does; the candidate's deadlines are its own.</summary>
    private void PassTime(string siteId, DateTimeOffset until)
    {
        while (_sites[siteId].NextDeadline(_candidate) is { } due && due <= until)
        {
            var now = _now.GetValueOrDefault(siteId, _from);
            now = due > now ? due : now;
            var before = _sites[siteId];
            Step(siteId, TriageInput.Time.Passes, now);
            if (ReferenceEquals(before, _sites[siteId]))
            {
                return;
            }
        }
    }

    private StepResult Step(string siteId, TriageInput input, DateTimeOffset at)
    {
        var result = TriageEngine.Step(_sites[siteId], input, at, _candidate);
        _sites[siteId] = result.State;
        _now[siteId] = at;
        Count(result, (counts, by) => counts with { Candidate = counts.Candidate + by });
        return result;
    }

    private void Count(StepResult result, Func<(int Recorded, int Candidate), int, (int Recorded, int Candidate)> add)
    {
        foreach (var change in result.Changes)
        {
            var what = change.Entry.Event switch
            {
                AlarmEvent.Raised => $"raised {Words<Priority>.Of(change.Alarm.Priority)}",
                AlarmEvent.Escalated => $"escalated {Words<EscalationTarget>.Of(change.Alarm.EscalatedTo!.Value)}",
                var other => Words<AlarmEvent>.Of(other),
            };
            _events[what] = add(_events.GetValueOrDefault(what), 1);
        }
    }

    private void Compare(RecordedStep step, Signal signal, Verdict recorded, Verdict candidate)
    {
        _signals[signal.Kind] = _signals.GetValueOrDefault(signal.Kind) + 1;
        if (recorded.IsLike(candidate))
        {
            return;
        }

        var kind = (signal.Kind, recorded.ToString(), candidate.ToString());
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (_listed.Count < ListedMax)
        {
            _listed.Add(new(step.At, signal.DeviceId, signal.Id, signal.Kind, recorded, candidate));
        }
    }

    private static Verdict VerdictOf(StepResult result)
    {
        var decision = result.Decision!;
        var alarm = decision.AlarmId is null ? null : result.Changes.LastOrDefault(change => change.Alarm.Id == decision.AlarmId)?.Alarm;
        return new(decision.Outcome, alarm?.Priority, decision.Reason);
    }
}
