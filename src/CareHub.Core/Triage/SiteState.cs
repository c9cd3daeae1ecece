using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>
/// All that triage remembers of one site. Immutable, so that a batch whose commit failed is undone by keeping the old
/// value, and so that replay and simulation need nothing special.
/// </summary>
internal sealed record SiteState
{
    /// <summary>Open alarms from which it pays to keep an index; an ordinary site has a few, and looks at them all.</summary>
    private const int IndexedFrom = 64;

    private OpenIndex? _index;

    public required string SiteId { get; init; }

    /// <summary>Number of the last alarm.</summary>
    public long LastNumber { get; init; }

    public ImmutableDictionary<AlarmKey, Alarm> Open
    {
        get;
        init => (field, _index) = (value, null);
    } = ImmutableDictionary<AlarmKey, Alarm>.Empty;

    /// <summary>Conditions that stand, but not yet long enough to be raised.</summary>
    public ImmutableDictionary<AlarmKey, PendingAlarm> Pending { get; init; } = ImmutableDictionary<AlarmKey, PendingAlarm>.Empty;

    public SiteMemory Memory { get; init; } = SiteMemory.Empty;

    /// <summary>When the site wants to be stepped next, if nothing happens before.</summary>
    public DateTimeOffset? NextDeadline(RuleBook rules)
    {
        DateTimeOffset? next = null;
        foreach (var (_, alarm) in Open)
        {
            next = Earlier(next, alarm.VerifyUntil);
            next = Earlier(next, alarm.Suppression?.Until);
            next = Earlier(next, Escalator.NextAt(alarm, rules.PolicyOf(alarm)));
            next = Earlier(next, alarm.Chattering ? alarm.ActivatedAt + rules.Defaults.Chattering.Calm : null);
        }

        foreach (var (_, pending) in Pending)
        {
            next = Earlier(next, pending.DueAt);
        }

        foreach (var (_, shelf) in Memory.Shelves)
        {
            next = Earlier(next, shelf.Until);
        }

        foreach (var (_, maintenance) in Memory.Maintenance)
        {
            next = Earlier(next, maintenance.Until);
        }

        return next;
    }

    private OpenIndex? Index => Open.Count < IndexedFrom ? null : _index ??= OpenIndex.Of(Open.Values);

    /// <summary>The site with an alarm as it now is.</summary>
    public SiteState With(Alarm alarm)
    {
        var next = this with
        {
            LastNumber = Math.Max(LastNumber, alarm.Number),
            Open = alarm.IsOpen ? Open.SetItem(alarm.Key, alarm) : Open.Remove(alarm.Key),
        };
        next._index = _index?.After(Open.GetValueOrDefault(alarm.Key), alarm);
        return next;
    }

    /// <summary>Open alarms of a kind, in the order in which they were raised.</summary>
    public IEnumerable<Alarm> OpenOf(SignalKind kind, string? deviceKind = null) => Index is { } index
        ? index.OfKind(kind, deviceKind).Select(key => Open[key])
        : Open.Values.Where(alarm => alarm.Kind == kind && (deviceKind is null || alarm.DeviceKind == deviceKind)).OrderBy(alarm => alarm.Number);

    /// <summary>Open alarms of a person, in the order in which they were raised.</summary>
    public IEnumerable<Alarm> OpenOf(string residentId) => Index is { } index
        ? index.OfResident(residentId).Select(key => Open[key])
        : Open.Values.Where(alarm => alarm.ResidentId == residentId).OrderBy(alarm => alarm.Number);

    /// <summary>The site of an alarm: ids of alarms are <c>{site}.{number}</c>.</summary>
    public static string SiteOf(string alarmId) => alarmId[..alarmId.LastIndexOf('.')];

    public Alarm? FindOpen(string alarmId)
    {
        foreach (var (_, alarm) in Open)
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

/// <summary>A condition in its raise delay, with what raising it will need.</summary>
internal sealed record PendingAlarm(SignalKind Kind, DeviceFacts Device, DateTimeOffset OccurredAt, DateTimeOffset DueAt)
{
    public AlarmKey Key => new(Device.Id, Kind);
}
