using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms;

/// <summary>
/// The entries of one alarm, found by their links: from the newest, which the alarm's row names, back to the first. A link that does not lead
/// back ends the walk (<c>carehub verify</c> says so).
/// </summary>
internal static class TimelineWalk
{
    /// <summary>Positions of the entries of the alarms whose <c>last_entry</c> the table <c>newest</c> has: put in front of a SELECT.</summary>
    public const string Entries = """
        entry(position) AS (
            SELECT last_entry FROM newest
            UNION ALL
            SELECT timeline.previous FROM entry JOIN timeline ON timeline.position = entry.position AND timeline.previous < timeline.position)
        """;

    /// <summary>Before a SELECT from <c>entry</c>: those of the alarm <c>$id</c>.</summary>
    public const string OfAlarm = $"WITH RECURSIVE newest AS (SELECT last_entry FROM alarms WHERE id = $id), {Entries}";

    /// <summary>An alarm's timeline, in no order.</summary>
    public static IQueryable<TimelineRow> TimelineOf(this AlarmsContext context, string alarmId) => context.Timeline.FromSqlRaw(
        $"{OfAlarm} SELECT timeline.* FROM entry JOIN timeline ON timeline.position = entry.position", new Microsoft.Data.Sqlite.SqliteParameter("$id", alarmId));
}
