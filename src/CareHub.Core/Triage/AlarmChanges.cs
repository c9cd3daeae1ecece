using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>The single way in which an alarm changes: the next version, and the entry that explains it.</summary>
internal static class AlarmChanges
{
    public static AlarmChange Raise(SiteState state, AlarmKey key, string? residentId, Priority priority, DateTimeOffset occurredAt, DateTimeOffset now, Author author, SignalRule rule, string? zone)
    {
        var number = state.LastNumber + 1;
        var alarm = new Alarm
        {
            Id = $"{state.SiteId}.{number}",
            SiteId = state.SiteId,
            Number = number,
            DeviceId = key.DeviceId,
            ResidentId = residentId,
            Kind = key.Kind,
            Priority = priority,
            RaisedAt = now,
            OccurredAt = occurredAt,
            LastSignalAt = now,
            AnnunciatedAt = now,
            VerifyUntil = rule.VerifyWindow > TimeSpan.Zero && occurredAt + rule.VerifyWindow > now ? occurredAt + rule.VerifyWindow : null,
            Zone = zone,
            Version = 1,
            AnnunciatedVersion = 1,
            DecisiveVersion = 1,
        };
        return new(alarm, new(alarm.Id, 1, now, AlarmEvent.Raised, author, $"rule:{rule.Name}", null));
    }

    /// <summary>A change that nobody needs to have seen before acting: a sighting, a silence, a note.</summary>
    public static AlarmChange Mark(Alarm alarm, AlarmEvent @event, DateTimeOffset now, Author author, string reason, string? note = null)
    {
        var next = alarm with { Version = alarm.Version + 1 };
        return new(next, new(next.Id, next.Version, now, @event, author, reason, note));
    }

    /// <summary>A change that whoever resolves the alarm must have seen.</summary>
    public static AlarmChange Decide(Alarm alarm, AlarmEvent @event, DateTimeOffset now, Author author, string reason, string? note = null)
    {
        var marked = Mark(alarm, @event, now, author, reason, note);
        return marked with { Alarm = marked.Alarm with { DecisiveVersion = marked.Alarm.Version } };
    }

    /// <summary>Makes the alarm sound (again): it is unacknowledged from now on.</summary>
    public static AlarmChange Annunciate(this AlarmChange change, DateTimeOffset now) => change with
    {
        Alarm = change.Alarm with { Acknowledged = false, AnnunciatedAt = now, AnnunciatedVersion = change.Alarm.Version },
    };

    public static AlarmChange Close(Alarm alarm, AlarmEvent @event, DateTimeOffset now, Author author, Disposition disposition, string reason, string? note = null)
    {
        var closing = alarm with
        {
            Active = false,
            Acknowledged = true,
            VerifyUntil = null,
            ClosedAt = now,
            Disposition = disposition,
            ClosedBy = author,
        };
        return Decide(closing, @event, now, author, reason, note);
    }

    public static SiteState With(this SiteState state, AlarmChange change)
    {
        var alarm = change.Alarm;
        return state with
        {
            LastNumber = Math.Max(state.LastNumber, alarm.Number),
            Open = alarm.IsOpen ? state.Open.SetItem(alarm.Key, alarm) : state.Open.Remove(alarm.Key),
        };
    }

    public static Author AuthorOf(Signal signal, DeviceFacts device) => signal.Source switch
    {
        SignalSource.Supervision => new Author(AuthorKind.Hub, "supervision", "CareHub"),
        SignalSource.Will => new Author(AuthorKind.Hub, "broker", "CareHub"),
        _ => Author.Device(device.Id),
    };
}
