using CareHub.Core.Triage;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>Signals and alarms agree: who names an alarm names one that exists, and an alarm counts those who made it up.</summary>
internal sealed class SignalCheck : ICheck
{
    private static readonly SignalOutcome[] OfAnAlarm =
        [SignalOutcome.Raised, SignalOutcome.Repeated, SignalOutcome.Reactivated, SignalOutcome.Returned, SignalOutcome.Cancelled, SignalOutcome.CancelledLate];

    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        var position = 0L;
        foreach (var row in connection.Rows("SELECT position, device_id, signal_id, outcome, alarm_id, EXISTS (SELECT 1 FROM alarms WHERE id = alarm_id) FROM signals ORDER BY position"))
        {
            var where = $"signal row {row.GetInt64(0)} ({row.GetString(1)}, {row.GetString(2)})";
            if (row.GetInt64(0) != position + 1)
            {
                yield return new("signal", where, $"follows row {position}: rows between them are missing");
            }

            position = row.GetInt64(0);
            var (outcome, alarmId) = ((SignalOutcome)row.GetByte(3), row.Text(4));
            if (!Enum.IsDefined(outcome))
            {
                yield return new("signal", where, $"{(int)outcome} is no outcome");
            }
            else if (OfAnAlarm.Contains(outcome) != alarmId is not null)
            {
                yield return new("signal", where, alarmId is null ? $"{outcome}, and names no alarm" : $"{outcome}, and yet names alarm {alarmId}");
            }
            else if (alarmId is not null && !row.GetBoolean(5))
            {
                yield return new("signal", where, $"names alarm {alarmId}, which does not exist");
            }
        }

        // An alarm raised after its delay is counted from the signal that waited, whose row names no alarm yet.
        const string Counts = """
            SELECT alarms.id, alarms.count, COALESCE(counted.signals, 0) + COALESCE(first.author_kind = 3 AND first.author_id = 'triage', 0)
            FROM alarms
            LEFT JOIN (SELECT alarm_id, SUM(outcome IN (1, 2, 3)) AS signals FROM signals WHERE alarm_id IS NOT NULL GROUP BY alarm_id) AS counted ON counted.alarm_id = alarms.id
            LEFT JOIN timeline AS first ON first.alarm_id = alarms.id AND first.seq = 1
            """;
        foreach (var row in connection.Rows(Counts))
        {
            if (row.GetInt64(1) != row.GetInt64(2))
            {
                yield return new("signal", $"alarm {row.GetString(0)}", $"counts {row.GetInt64(1)} signals, and {row.GetInt64(2)} are on record");
            }
        }
    }
}
