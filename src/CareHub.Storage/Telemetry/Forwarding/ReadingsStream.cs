using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Influx;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>The spool's readings, oldest first.</summary>
internal sealed class ReadingsStream : IForwardedStream
{
    /// <summary>Rows deleted at once when shedding, so that appends pass in between.</summary>
    private const int ShedPerStep = 20_000;

    private readonly TelemetrySpool _spool;
    private readonly TelemetryLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _position = -1;
    private long _oldestQueuedAtMs;
    private long _forwarded;
    private long _shed;

    public ReadingsStream(TelemetrySpool spool, TelemetryLimits limits, TimeProvider time, ILogger logger)
    {
        _spool = spool;
        _limits = limits;
        _time = time;
        _logger = logger;
        spool.Grew = last =>
        {
            if (last - Volatile.Read(ref _position) >= limits.ForwardPointsMax)
                Volatile.Read(ref _full).TrySetResult();
        };
    }

    public string Name => "readings";

    public long Forwarded => Volatile.Read(ref _forwarded);

    public long Shed => Volatile.Read(ref _shed);

    public long Waiting => Volatile.Read(ref _position) is var position and >= 0 ? Math.Max(0, _spool.LastSequence - position) : 0;

    public double LagSeconds => Waiting > 0 && Volatile.Read(ref _oldestQueuedAtMs) is var oldest and > 0
        ? Math.Max(0, (_time.GetUtcNow().ToUnixTimeMilliseconds() - oldest) / 1000.0)
        : 0;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_position >= 0 && Waiting >= _limits.ForwardPointsMax)
            return;
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_full.Task, Task.Delay(_limits.ForwardInterval, _time, interval.Token));
        await interval.CancelAsync();
        Volatile.Write(ref _full, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    public async Task<Pending> ReadAsync(LineBatch lines, CancellationToken cancellationToken)
    {
        if (_position < 0)
            Volatile.Write(ref _position, await _spool.ReadingsPositionAsync(cancellationToken));
        await ShedExcessAsync(cancellationToken);

        var readings = await _spool.ReadAsync(_limits.ForwardPointsMax, cancellationToken);
        foreach (var spooled in readings)
            InfluxPoints.Add(lines, spooled.Reading);
        if (readings.Count == 0)
            return default;
        Volatile.Write(ref _oldestQueuedAtMs, readings[0].QueuedAt.ToUnixTimeMilliseconds());
        return new Pending(readings.Count, readings[^1].Sequence, readings.Count == _limits.ForwardPointsMax);
    }

    public async Task AdvanceAsync(Pending pending, BatchOutcome outcome, CancellationToken cancellationToken)
    {
        await _spool.AdvanceReadingsAsync(pending.Position, cancellationToken);
        Volatile.Write(ref _position, pending.Position);
        // Unknown until the next read: what has come since is younger than an interval.
        Volatile.Write(ref _oldestQueuedAtMs, 0);
        Interlocked.Add(ref _forwarded, outcome.Written);
    }

    private async Task ShedExcessAsync(CancellationToken cancellationToken)
    {
        var shed = 0L;
        while (Waiting > _limits.SpooledReadingsMax)
        {
            var step = Math.Min(ShedPerStep, Waiting - _limits.SpooledReadingsMax);
            await _spool.AdvanceReadingsAsync(_position + step, cancellationToken);
            Volatile.Write(ref _position, _position + step);
            shed += step;
        }

        if (shed == 0)
            return;
        Interlocked.Add(ref _shed, shed);
        TelemetryLog.ReadingsShed(_logger, shed, _limits.SpooledReadingsMax);
    }
}
