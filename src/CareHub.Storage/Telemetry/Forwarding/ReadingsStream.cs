using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>The spool's readings: vital ones first, each kind oldest first.</summary>
internal sealed class ReadingsStream(SpoolConsumer consumer, PositionFile positions, TelemetryLimits limits, TimeProvider time) : IForwardedStream
{
    private readonly List<SpoolReading> _batch = [];
    private long _forwarded;

    public string Name => "readings";

    public long Forwarded => Volatile.Read(ref _forwarded);

    public long Shed => consumer.Shed;

    public long Waiting => consumer.Waiting;

    public double LagSeconds => Waiting > 0 && consumer.OldestMs is > 0 and var oldest
        ? Math.Max(0, (time.GetUtcNow().ToUnixTimeMilliseconds() - oldest) / 1000.0)
        : 0;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(consumer.WhenWaiting(limits.ForwardPointsMax), Task.Delay(limits.ForwardInterval, time, interval.Token));
        await interval.CancelAsync();
    }

    public Task<Pending> ReadAsync(LineBatch lines, CancellationToken cancellationToken)
    {
        _batch.Clear();
        var position = consumer.Read(_batch, limits.ForwardPointsMax);
        foreach (var reading in _batch)
            InfluxPoints.Add(lines, reading);
        return Task.FromResult(new Pending(_batch.Count, position, _batch.Count == limits.ForwardPointsMax));
    }

    public void Advance(in Pending pending, BatchOutcome outcome)
    {
        consumer.Confirm(pending.Position);
        Interlocked.Add(ref _forwarded, outcome.Written);
        positions.Write(pending.Position);
    }
}
