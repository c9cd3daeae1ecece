using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>The single way in which an alarm changes: the next version, and the entry that explains it.</summary>
internal static class AlarmChanges
{
    /// <summary>A change that nobody needs to have seen before acting: a sighting, a silence, a note.</summary>
    public static AlarmChange Mark(Alarm alarm, AlarmEvent @event, DateTimeOffset now, Author author, string reason, string? note = null)
    {
        var next = alarm with { Version = alarm.Version + 1 };
        return new(next, new(next.Id, next.Version, now, @event, author, reason, note));
    }

    /// <summary>A change that whoever resolves the alarm must have seen.</summary>
    public static AlarmChange Decide(Alarm alarm, AlarmEvent @event, DateTimeOffset now, Author author, string reason, string? note = null)
    {
        // One copy and not two: an alarm is the largest thing that a signal moves.
        var next = alarm with { Version = alarm.Version + 1, DecisiveVersion = alarm.Version + 1 };
        return new(next, new(next.Id, next.Version, now, @event, author, reason, note));
    }

    /// <summary>Makes the alarm sound (again): from now on it is unseen, unacknowledged and at the start of its policy.</summary>
    public static AlarmChange Annunciate(this AlarmChange change, DateTimeOffset now) => change with
    {
        Alarm = change.Alarm with
        {
            Acknowledged = false,
            AnnunciatedAt = now,
            AnnunciatedVersion = change.Alarm.Version,
            Seen = false,
            Tier = 0,
            EscalatedAt = null,
            EscalatedTo = null,
        },
    };

    public static AlarmChange Close(Alarm alarm, AlarmEvent @event, DateTimeOffset now, Author author, Disposition disposition, string reason, string? note = null)
    {
        var closing = alarm with
        {
            Active = false,
            Acknowledged = true,
            VerifyUntil = null,
            Suppression = null,
            Chattering = false,
            ClosedAt = now,
            Disposition = disposition,
            ClosedBy = author,
        };
        return Decide(closing, @event, now, author, reason, note);
    }

    public static Author AuthorOf(Signal signal, DeviceFacts device) => signal.Source switch
    {
        SignalSource.Supervision => new Author(AuthorKind.Hub, "supervision", "CareHub"),
        SignalSource.Will => new Author(AuthorKind.Hub, "broker", "CareHub"),
        _ => Author.Device(device.Id),
    };
}
