using System.Collections.Immutable;
using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>One step under way: the state so far and what has happened. Lives only as long as the step.</summary>
internal sealed class SiteStep(SiteState state, DateTimeOffset now, RuleBook book)
{
    private ImmutableArray<AlarmChange> _changes = [];
    private ImmutableArray<TimelineEntry> _notes = [];

    public SiteState State { get; private set; } = state;

    public DateTimeOffset Now { get; } = now;

    public RuleBook Book { get; } = book;

    public SiteMemory Memory
    {
        get => State.Memory;
        set => State = State with { Memory = value };
    }

    public AlarmChange Apply(AlarmChange change)
    {
        _changes = _changes.Add(change);
        State = State.With(change.Alarm);
        return change;
    }

    /// <summary>Notes what happened to the site and not to one of its alarms.</summary>
    public void Note(TimelineEntry entry) => _notes = _notes.Add(entry);

    public void Wait(PendingAlarm pending) => State = State with { Pending = State.Pending.Add(pending.Key, pending) };

    /// <summary>Forgets a condition in its raise delay; false when there was none.</summary>
    public bool Drop(AlarmKey key)
    {
        if (!State.Pending.ContainsKey(key))
        {
            return false;
        }

        State = State with { Pending = State.Pending.Remove(key) };
        return true;
    }

    /// <summary>Open alarms in the order in which they were raised, so that the same state gives the same effects whatever the dictionary's order.</summary>
    public List<Alarm> OpenInOrder(Func<Alarm, bool> where)
    {
        var found = new List<Alarm>();
        foreach (var (_, alarm) in State.Open)
        {
            if (where(alarm))
            {
                found.Add(alarm);
            }
        }

        found.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return found;
    }

    public StepResult Result(SignalDecision? decision = null, CommandResult command = default) => new(State)
    {
        Changes = _changes,
        Notes = _notes,
        Decision = decision,
        Command = command,
    };
}
