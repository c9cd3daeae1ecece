using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>A transition of an alarm, to be marked on a chart.</summary>
internal sealed record NearbyEvent(DateTimeOffset At, string AlarmId, string DeviceId, SignalKind Kind, Priority Priority, AlarmEvent Event);

/// <summary>What happened to a person, with a device or at a site in a span of time, from the timelines.</summary>
internal sealed class NearbyEvents(IDbContextFactory<AlarmsContext> alarms, AlarmScope scope)
{
    private const int EventsMax = 500;

    /// <summary>Equals nothing, not even itself.</summary>
    private static readonly object Nobody = DBNull.Value;

    /// <summary>Of the person's alarms and the device's; of whichever is given.</summary>
    public Task<IReadOnlyList<NearbyEvent>> OfAsync(Caller caller, string? residentId, string? deviceId, TimeRange range) =>
        ReadAsync("resident_id = $resident OR device_id = $device", [new("$resident", residentId ?? Nobody), new("$device", deviceId ?? Nobody)], range, site => scope.Covers(caller, site));

    /// <summary>Of a site that the caller may see.</summary>
    public Task<IReadOnlyList<NearbyEvent>> OfSiteAsync(string siteId, TimeRange range) => ReadAsync("site_id = $site", [new("$site", siteId)], range, _ => true);

    /// <remarks>What consoles say of themselves (seen, silenced) is not among them; at the bound the newest are.</remarks>
    private async Task<IReadOnlyList<NearbyEvent>> ReadAsync(string whose, List<SqliteParameter> parameters, TimeRange range, Func<string, bool> covers)
    {
        parameters.AddRange([new("$from", range.From.ToUnixTimeMilliseconds()), new("$to", range.To.ToUnixTimeMilliseconds())]);
        var entries =
            $"""
            WITH RECURSIVE newest AS (SELECT last_entry FROM alarms WHERE ({whose}) AND raised_at < $to AND (closed_at IS NULL OR closed_at >= $from)), {TimelineWalk.Entries}
            SELECT timeline.at AS At, alarms.id AS Id, alarms.site_id AS SiteId, alarms.device_id AS DeviceId, alarms.kind AS Kind, alarms.priority AS Priority, timeline.event AS Event
            FROM entry JOIN timeline ON timeline.position = entry.position JOIN alarms ON alarms.id = timeline.alarm_id
            WHERE timeline.at >= $from AND timeline.at < $to AND timeline.event NOT IN ({(int)AlarmEvent.Seen}, {(int)AlarmEvent.Silenced})
            ORDER BY timeline.position DESC LIMIT {EventsMax}
            """;
        await using var context = await alarms.CreateDbContextAsync();
        var rows = await context.Database.SqlQueryRaw<Row>(entries, [.. parameters]).ToListAsync();
        rows.Reverse();
        return [.. rows.Where(row => covers(row.SiteId)).Select(row => new NearbyEvent(UnixMs.ToTime(row.At), row.Id, row.DeviceId, row.Kind, row.Priority, row.Event))];
    }

    /// <summary>An entry as the query has it.</summary>
    private sealed record Row(long At, string Id, string SiteId, string DeviceId, SignalKind Kind, Priority Priority, AlarmEvent Event);
}
