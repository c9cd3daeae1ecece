using System.Diagnostics;

namespace CareHub.Server.Metrics;

/// <summary>
/// Remembers for a short while when the signal came in that raised an alarm, for whoever sends the alarm to a console. A slot
/// for each hash: two alarms that share one cost a measurement, never memory or a lock.
/// </summary>
internal sealed class PressClock
{
    private readonly Press?[] _slots = new Press?[Limits.PressesRemembered];

    public void Raised(Press press) => Slot(press.AlarmId) = press;

    public Press? Of(string alarmId) => Volatile.Read(ref Slot(alarmId)) is { } press && press.AlarmId == alarmId ? press : null;

    private ref Press? Slot(string alarmId) => ref _slots[(int)((uint)string.GetHashCode(alarmId, StringComparison.Ordinal) % (uint)_slots.Length)];
}

/// <param name="Trace">The trace of its signal, when it is traced.</param>
internal sealed record Press(string AlarmId, DateTimeOffset ReceivedAt, ActivityContext Trace);
