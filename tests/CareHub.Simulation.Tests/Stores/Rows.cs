using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Simulation.Tests.Audit;

namespace CareHub.Simulation.Tests.Stores;

/// <summary>The model's values as the rows that an outsider would read.</summary>
internal static class Rows
{
    public static StoredSignal Of(SignalRecord record, long position) => new(
        position, record.Signal.DeviceId, record.Signal.Id, record.Signal.Kind, record.Signal.ReceivedAt, Words<SignalOutcome>.Of(record.Decision.Outcome), record.Decision.AlarmId);

    public static StoredEntry Of(TimelineEntry entry, long position, byte[] hash) =>
        new(position, entry.AlarmId, entry.Seq, entry.At, entry.Event, entry.Author.Kind, entry.Author.Id, entry.Author.Name, entry.Reason, entry.Note, hash);

    public static StoredAlarm Of(Alarm alarm) => new(
        alarm.Id, alarm.SiteId, alarm.DeviceId, alarm.Kind, alarm.Priority, alarm.Active, alarm.Acknowledged, alarm.ClosedAt is null, alarm.Version, alarm.Count, alarm.Suppression?.Kind, alarm.Suppression?.Cause);
}
