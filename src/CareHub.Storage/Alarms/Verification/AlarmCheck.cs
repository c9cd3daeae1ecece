using CareHub.Core.Alarms;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>Each alarm is what its timeline says: as many versions as entries, and the state that they add up to.</summary>
internal sealed class AlarmCheck : ICheck
{
    public IEnumerable<Finding> Run(SqliteConnection connection)
    {
        using var context = new AlarmsQuery(connection);
        var linked = 0L;
        foreach (var alarm in context.All())
        {
            var where = $"alarm {alarm.Id}";
            var fold = new AlarmFold();
            foreach (var entry in context.TimelineOf(alarm.Id))
            {
                linked++;
                if (entry.AlarmId != alarm.Id)
                {
                    yield return new("alarm", $"timeline of {alarm.Id}", $"the links lead to entry {entry.Seq} of {entry.AlarmId}");
                }

                if (fold.Take(entry.Seq, entry.At, entry.Event, entry.Author, entry.Reason) is { } wrong)
                {
                    yield return new("alarm", $"timeline of {alarm.Id}", wrong);
                }
            }

            foreach (var difference in Compare(alarm, fold))
            {
                yield return new("alarm", where, difference);
            }
        }

        var orphans = $"""
            SELECT DISTINCT alarm_id FROM timeline
            WHERE event NOT IN ({SqlWords.ListOf([.. MemoryCheck.OfSilences, AlarmEvent.RulesChanged])}) AND NOT EXISTS (SELECT 1 FROM alarms WHERE alarms.id = timeline.alarm_id)
            """;
        foreach (var row in connection.Rows(orphans))
        {
            yield return new("alarm", $"timeline of {row.GetString(0)}", "there is no such alarm");
        }

        foreach (var row in connection.Rows("SELECT COUNT(*) FROM timeline JOIN alarms ON alarms.id = timeline.alarm_id"))
        {
            if (row.GetInt64(0) != linked)
            {
                yield return new("alarm", "timeline", $"has {row.GetInt64(0)} entries of alarms, and the links from alarms lead to {linked}");
            }
        }
    }

    private static IEnumerable<string> Compare(AlarmsQuery.Facts alarm, AlarmFold fold)
    {
        string? Unless(bool holds, string fact, object? row, object? timeline) => holds ? null : $"{fact} is {row ?? "none"} where the timeline says {timeline ?? "none"}";
        var closed = fold.ClosedAt is not null;
        var acknowledged = closed || fold.AcknowledgedSeq > alarm.AnnunciatedVersion;
        string?[] differences =
        [
            Unless(alarm.Version == fold.Entries, "version", alarm.Version, fold.Entries),
            Unless(alarm.ClosedAt == fold.ClosedAt, "closed_at", alarm.ClosedAt, fold.ClosedAt),
            Unless(alarm.RaisedAt == fold.RaisedAt, "raised_at", alarm.RaisedAt, fold.RaisedAt),
            Unless(alarm.Active == fold.Active, "active", alarm.Active, fold.Active),
            Unless(alarm.Acknowledged == acknowledged, "acknowledged", alarm.Acknowledged, acknowledged),
            Unless(alarm.ClaimedBy == fold.Owner, "claimed_by", alarm.ClaimedBy, fold.Owner),
            Unless(alarm.Chattering == fold.Chattering, "chattering", alarm.Chattering, fold.Chattering),
            Unless(alarm.Count == fold.Signals, "count", alarm.Count, fold.Signals),
            Unless(alarm.ClosedBy == fold.ClosedBy, "closed_by", alarm.ClosedBy, fold.ClosedBy),
            Unless(alarm.HasDisposition == closed, "whether there is a disposition", alarm.HasDisposition, closed),
            alarm.AnnunciatedVersion > alarm.Version || alarm.DecisiveVersion > alarm.Version ? "an annunciated or decisive version lies after its version" : null,
            alarm.Id == $"{alarm.SiteId}.{alarm.Number}" ? null : $"its id is not that of site {alarm.SiteId} and number {alarm.Number}",
        ];
        return differences.OfType<string>();
    }
}
