using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>
/// Where to find open alarms by person and by kind, in the order in which they were raised. Without it each alarm of a storm
/// would look at all the others, and the storm would cost the square of its size.
/// </summary>
internal sealed class OpenIndex
{
    private static readonly ImmutableSortedDictionary<long, AlarmKey> None = ImmutableSortedDictionary<long, AlarmKey>.Empty;
    private static readonly OpenIndex Empty = new(ImmutableDictionary<string, ImmutableSortedDictionary<long, AlarmKey>>.Empty, ImmutableDictionary<(SignalKind Kind, string? DeviceKind), ImmutableSortedDictionary<long, AlarmKey>>.Empty);

    private readonly ImmutableDictionary<string, ImmutableSortedDictionary<long, AlarmKey>> _byResident;
    private readonly ImmutableDictionary<(SignalKind Kind, string? DeviceKind), ImmutableSortedDictionary<long, AlarmKey>> _byKind;

    private OpenIndex(ImmutableDictionary<string, ImmutableSortedDictionary<long, AlarmKey>> byResident, ImmutableDictionary<(SignalKind Kind, string? DeviceKind), ImmutableSortedDictionary<long, AlarmKey>> byKind) =>
        (_byResident, _byKind) = (byResident, byKind);

    public static OpenIndex Of(IEnumerable<Alarm> open) => open.Aggregate(Empty, (index, alarm) => index.Add(alarm));

    public IEnumerable<AlarmKey> OfResident(string residentId) => _byResident.GetValueOrDefault(residentId, None).Values;

    /// <param name="deviceKind">Null for devices of any kind.</param>
    public IEnumerable<AlarmKey> OfKind(SignalKind kind, string? deviceKind) => _byKind.GetValueOrDefault((kind, deviceKind), None).Values;

    /// <summary>An alarm has changed: it matters only when it was raised or closed.</summary>
    public OpenIndex After(Alarm? before, Alarm alarm) =>
        before is null ? (alarm.IsOpen ? Add(alarm) : this)
        : alarm.IsOpen && before.Number == alarm.Number ? this
        : alarm.IsOpen ? Remove(before).Add(alarm)
        : Remove(before);

    private OpenIndex Add(Alarm alarm) => new(
        alarm.ResidentId is { } resident ? With(_byResident, resident, alarm) : _byResident,
        With(With(_byKind, (alarm.Kind, null), alarm), (alarm.Kind, alarm.DeviceKind), alarm));

    private OpenIndex Remove(Alarm alarm) => new(
        alarm.ResidentId is { } resident ? Without(_byResident, resident, alarm) : _byResident,
        Without(Without(_byKind, (alarm.Kind, null), alarm), (alarm.Kind, alarm.DeviceKind), alarm));

    private static ImmutableDictionary<TKey, ImmutableSortedDictionary<long, AlarmKey>> With<TKey>(ImmutableDictionary<TKey, ImmutableSortedDictionary<long, AlarmKey>> to, TKey key, Alarm alarm)
        where TKey : notnull =>
        to.SetItem(key, to.GetValueOrDefault(key, None).Add(alarm.Number, alarm.Key));

    private static ImmutableDictionary<TKey, ImmutableSortedDictionary<long, AlarmKey>> Without<TKey>(ImmutableDictionary<TKey, ImmutableSortedDictionary<long, AlarmKey>> from, TKey key, Alarm alarm)
        where TKey : notnull
    {
        var rest = from.GetValueOrDefault(key, None).Remove(alarm.Number);
        return rest.IsEmpty ? from.Remove(key) : from.SetItem(key, rest);
    }
}
