using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Core.Triage;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms;

/// <summary>Signals and timeline as streams of points for analysts: their positions are the cursors.</summary>
internal sealed class TriageEvents(IDbContextFactory<AlarmsContext> alarms) : ITriageEventSource
{
    public async Task<IReadOnlyList<TriageEvent>> EventsAfterAsync(long cursor, int limit, CancellationToken cancellationToken)
    {
        await using var context = await alarms.CreateDbContextAsync(cancellationToken);
        var rows = await (
            from signal in context.Signals.AsNoTracking().Where(row => row.Position > cursor).OrderBy(row => row.Position).Take(limit)
            join known in context.DeviceFacts on signal.FactsId equals (long?)known.Id into facts
            from device in facts.DefaultIfEmpty()
            orderby signal.Position
            select new { signal.Position, signal.ReceivedAt, signal.Outcome, signal.Kind, signal.Source, signal.DeviceId, SiteId = device == null ? "" : device.SiteId, RegionPath = device == null ? "" : device.RegionPath, signal.AlarmId, signal.Redeliveries })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new TriageEvent(
            row.Position, UnixMs.ToTime(row.ReceivedAt), Words<SignalOutcome>.Of(row.Outcome), Words<SignalKind>.Of(row.Kind), Words<SignalSource>.Of(row.Source),
            row.DeviceId, row.SiteId, row.RegionPath[(row.RegionPath.LastIndexOf(' ') + 1)..], row.AlarmId, row.Redeliveries))];
    }

    public async Task<IReadOnlyList<AlarmTransition>> TransitionsAfterAsync(long cursor, int limit, CancellationToken cancellationToken)
    {
        await using var context = await alarms.CreateDbContextAsync(cancellationToken);
        var rows = await context.Database.SqlQuery<Transition>(
            $"""
            SELECT row.position AS Position, row.at AS At, row.alarm_id AS AlarmId, row.event AS Event, alarms.kind AS Kind, alarms.priority AS Priority,
                alarms.device_id AS DeviceId, alarms.site_id AS SiteId, alarms.raised_at AS RaisedAt, alarms.disposition AS Disposition,
                NOT EXISTS (
                    WITH RECURSIVE earlier(position) AS (
                        SELECT row.previous
                        UNION ALL
                        SELECT link.previous FROM earlier JOIN timeline AS link ON link.position = earlier.position AND link.previous < link.position)
                    SELECT 1 FROM earlier JOIN timeline AS entry ON entry.position = earlier.position WHERE entry.event = row.event) AS IsFirst
            FROM (SELECT * FROM timeline WHERE position > {cursor} ORDER BY position LIMIT {limit}) AS row
            JOIN alarms ON alarms.id = row.alarm_id
            ORDER BY row.position
            """)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new AlarmTransition(
            row.Position, UnixMs.ToTime(row.At), row.AlarmId, Words<AlarmEvent>.Of(row.Event), row.IsFirst, Words<SignalKind>.Of(row.Kind), Words<Priority>.Of(row.Priority),
            row.DeviceId, row.SiteId, row.At - row.RaisedAt,
            Ends(row.Event) && row.Disposition is { } disposition ? Words<Disposition>.Of(disposition) : null))];
    }

    /// <summary>A row as the query has it.</summary>
    private sealed record Transition(
        long Position, long At, string AlarmId, AlarmEvent Event, SignalKind Kind, Priority Priority, string DeviceId, string SiteId, long RaisedAt, Disposition? Disposition, bool IsFirst);

    private static bool Ends(AlarmEvent what) => what is AlarmEvent.Resolved or AlarmEvent.AutoClosed or AlarmEvent.Cancelled;
}
