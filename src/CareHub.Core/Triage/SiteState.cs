using System.Collections.Immutable;
using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>
/// All that triage remembers of one site. Immutable, so that a batch whose commit failed is undone by keeping the old
/// value, and so that replay and simulation need nothing special.
/// </summary>
internal sealed record SiteState
{
    public required string SiteId { get; init; }

    /// <summary>Number of the last alarm.</summary>
    public long LastNumber { get; init; }

    public ImmutableDictionary<AlarmKey, Alarm> Open { get; init; } = ImmutableDictionary<AlarmKey, Alarm>.Empty;

    /// <summary>Conditions that stand, but not yet long enough to be raised.</summary>
    public ImmutableDictionary<AlarmKey, PendingAlarm> Pending { get; init; } = ImmutableDictionary<AlarmKey, PendingAlarm>.Empty;

    /// <summary>When the site wants to be stepped next, if nothing happens before.</summary>
    public DateTimeOffset? NextDeadline
    {
        get
        {
            DateTimeOffset? next = null;
            foreach (var alarm in Open.Values)
            {
                next = Earlier(next, alarm.VerifyUntil);
            }

            foreach (var pending in Pending.Values)
            {
                next = Earlier(next, pending.DueAt);
            }

            return next;
        }
    }

    public Alarm? FindOpen(string alarmId)
    {
        foreach (var alarm in Open.Values)
        {
            if (alarm.Id == alarmId)
            {
                return alarm;
            }
        }

        return null;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;
}

/// <summary>A condition in its raise delay.</summary>
internal sealed record PendingAlarm(AlarmKey Key, string SiteId, string? ResidentId, Priority Priority, DateTimeOffset OccurredAt, DateTimeOffset DueAt);
