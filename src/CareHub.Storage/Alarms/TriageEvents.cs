using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Alarms;

/// <summary>The timeline as a stream of points for analysts: its position is the cursor.</summary>
internal sealed class TriageEvents(IDbContextFactory<AlarmsContext> alarms) : ITriageEventSource
{
    public async Task<IReadOnlyList<TriageEvent>> ReadAfterAsync(long cursor, int limit, CancellationToken cancellationToken)
    {
        await using var context = await alarms.CreateDbContextAsync(cancellationToken);
        var rows = await context.Timeline.AsNoTracking().Where(row => row.Position > cursor).OrderBy(row => row.Position).Take(limit)
            .Join(context.Alarms, row => row.AlarmId, alarm => alarm.Id, (row, alarm) => new { row.Position, row.At, row.AlarmId, row.Event, alarm.Kind, alarm.Priority, alarm.DeviceId, alarm.SiteId, alarm.RaisedAt })
            .OrderBy(row => row.Position)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new TriageEvent(
            row.Position, UnixMs.ToTime(row.At), row.AlarmId, Words<AlarmEvent>.Of(row.Event), Words<SignalKind>.Of(row.Kind), Words<Priority>.Of(row.Priority),
            row.DeviceId, row.SiteId, row.At - row.RaisedAt))];
    }
}
