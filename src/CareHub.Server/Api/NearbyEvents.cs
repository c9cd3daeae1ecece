using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>A transition of an alarm, to be marked on a chart.</summary>
internal sealed record NearbyEvent(DateTimeOffset At, string AlarmId, string DeviceId, SignalKind Kind, Priority Priority, AlarmEvent Event);

/// <summary>What happened to a person, with a device or at a site in a span of time, from the timelines.</summary>
internal sealed class NearbyEvents(IDbContextFactory<AlarmsContext> alarms, AlarmScope scope)
{
    private const int EventsMax = 500;

    /// <summary>Of the person's alarms and the device's; of whichever is given.</summary>
    public Task<IReadOnlyList<NearbyEvent>> OfAsync(Caller caller, string? residentId, string? deviceId, TimeRange range) => ReadAsync(
        row => (residentId != null && row.ResidentId == residentId) || (deviceId != null && row.DeviceId == deviceId),
        range,
        site => scope.Covers(caller, site));

    /// <summary>Of a site that the caller may see.</summary>
    public Task<IReadOnlyList<NearbyEvent>> OfSiteAsync(string siteId, TimeRange range) => ReadAsync(row => row.SiteId == siteId, range, _ => true);

    /// <remarks>What consoles say of themselves (seen, silenced) is not among them; at the bound the newest are.</remarks>
    private async Task<IReadOnlyList<NearbyEvent>> ReadAsync(System.Linq.Expressions.Expression<Func<AlarmRow, bool>> of, TimeRange range, Func<string, bool> covers)
    {
        var (from, to) = (range.From.ToUnixTimeMilliseconds(), range.To.ToUnixTimeMilliseconds());
        await using var context = await alarms.CreateDbContextAsync();
        var rows = await context.Alarms.AsNoTracking().Where(of).Where(row => row.RaisedAt < to && (row.ClosedAt == null || row.ClosedAt >= from))
            .Join(context.Timeline, row => row.Id, entry => entry.AlarmId, (row, entry) => new { row.Id, row.SiteId, row.DeviceId, row.Kind, row.Priority, entry.At, entry.Event, entry.Position })
            .Where(row => row.At >= from && row.At < to && row.Event != AlarmEvent.Seen && row.Event != AlarmEvent.Silenced)
            .OrderByDescending(row => row.Position).Take(EventsMax).ToListAsync();
        rows.Reverse();
        return [.. rows.Where(row => covers(row.SiteId)).Select(row => new NearbyEvent(UnixMs.ToTime(row.At), row.Id, row.DeviceId, row.Kind, row.Priority, row.Event))];
    }
}
