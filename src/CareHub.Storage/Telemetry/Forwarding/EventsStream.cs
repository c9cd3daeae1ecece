using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>What is read by position from wherever it is committed; only the position is kept here.</summary>
internal sealed class EventsStream<T>(
    string name, Func<long, int, CancellationToken, Task<IReadOnlyList<T>>> readAfter, Func<T, long> cursorOf, Action<LineBatch, T> add, PositionFile positions, TelemetryLimits limits, TimeProvider time)
    : IForwardedStream
{
    private long _position = positions.Read().Vital;
    private long _forwarded;

    public string Name => name;

    public long Forwarded => Volatile.Read(ref _forwarded);

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(limits.ForwardInterval, time, cancellationToken);

    public async Task<Pending> ReadAsync(LineBatch lines, CancellationToken cancellationToken)
    {
        var events = await readAfter(_position, limits.ForwardPointsMax, cancellationToken);
        if (events.Count == 0)
            return default;
        foreach (var each in events)
            add(lines, each);
        _position = cursorOf(events[^1]);
        return new Pending(events.Count, new SpoolPosition(_position, 0), events.Count == limits.ForwardPointsMax);
    }

    public void Advance(in Pending pending, BatchOutcome outcome)
    {
        Interlocked.Add(ref _forwarded, outcome.Written);
        positions.Write(pending.Position);
    }
}

/// <summary>Makes the two streams of triage.</summary>
internal static class EventsStream
{
    public static EventsStream<TriageEvent> Events(ITriageEventSource source, PositionFile positions, TelemetryLimits limits, TimeProvider time) =>
        new("events", source.EventsAfterAsync, static each => each.Cursor, InfluxPoints.Add, positions, limits, time);

    public static EventsStream<AlarmTransition> Alarms(ITriageEventSource source, InfluxPoints points, PositionFile positions, TelemetryLimits limits, TimeProvider time) =>
        new("alarms", source.TransitionsAfterAsync, static each => each.Cursor, points.Add, positions, limits, time);
}
