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
        var rows = await context.Timeline.AsNoTracking().Where(row => row.Position > cursor).OrderBy(row => row.Position).Take(limit)
            .Join(context.Alarms, row => row.AlarmId, alarm => alarm.Id, (row, alarm) => new
            {
                row.Position,
                row.At,
                row.AlarmId,
                row.Event,
                IsFirst = !context.Timeline.Any(earlier => earlier.AlarmId == row.AlarmId && earlier.Event == row.Event && earlier.Seq < row.Seq),
                alarm.Kind,
                alarm.Priority,
                alarm.DeviceId,
                alarm.SiteId,
                alarm.RaisedAt,
                alarm.Disposition,
            })
            .OrderBy(row => row.Position)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new AlarmTransition(
            row.Position, UnixMs.ToTime(row.At), row.AlarmId, Words<AlarmEvent>.Of(row.Event), row.IsFirst, Words<SignalKind>.Of(row.Kind), Words<Priority>.Of(row.Priority),
            row.DeviceId, row.SiteId, row.At - row.RaisedAt,
            Ends(row.Event) && row.Disposition is { } disposition ? Words<Disposition>.Of(disposition) : null))];
    }

    private static bool Ends(AlarmEvent what) => what is AlarmEvent.Resolved or AlarmEvent.AutoClosed or AlarmEvent.Cancelled;
}
