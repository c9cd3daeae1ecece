using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>Triage events from wherever they are committed; only the cursor is kept here.</summary>
internal sealed class EventsStream(ITriageEventSource source, TelemetrySpool spool, TelemetryLimits limits, TimeProvider time) : IForwardedStream
{
    private long _position = -1;
    private long _forwarded;

    public string Name => "events";

    public long Forwarded => Volatile.Read(ref _forwarded);

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(limits.ForwardInterval, time, cancellationToken);

    public async Task<Pending> ReadAsync(LineBatch lines, CancellationToken cancellationToken)
    {
        if (_position < 0)
            _position = await spool.EventsPositionAsync(cancellationToken);
        var events = await source.ReadAfterAsync(_position, limits.ForwardPointsMax, cancellationToken);
        foreach (var triaged in events)
            InfluxPoints.Add(lines, triaged);
        return events.Count == 0 ? default : new Pending(events.Count, events[^1].Cursor, events.Count == limits.ForwardPointsMax);
    }

    public async Task AdvanceAsync(Pending pending, BatchOutcome outcome, CancellationToken cancellationToken)
    {
        await spool.AdvanceEventsAsync(pending.Position, cancellationToken);
        _position = pending.Position;
        Interlocked.Add(ref _forwarded, outcome.Written);
    }
}
