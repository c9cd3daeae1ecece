using CareHub.Storage.Telemetry.Influx;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// Sends one stream, batch by batch, and remembers its position after each. A crash between the two sends a batch
/// twice, which InfluxDB does not notice. Whatever fails is tried again after a pause; only what InfluxDB rejects for
/// good is counted and left behind.
/// </summary>
internal sealed class ForwardingLoop(IForwardedStream stream, InfluxBatchWriter influx, TelemetryLimits limits, TimeProvider time, ILogger logger)
{
    private readonly Backoff _backoff = new(limits.BackoffMin, limits.BackoffMax, Random.Shared);
    private readonly LineBatch _lines = new();
    private volatile Trouble? _current;
    private volatile Trouble? _last;
    private long _rejected;

    /// <summary>The error that stands in the way now.</summary>
    public Trouble? Current => _current;

    /// <summary>The newest error, also when it has passed.</summary>
    public Trouble? Last => _last;

    public long Rejected => Volatile.Read(ref _rejected);

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await stream.WaitAsync(stop);
                var more = true;
                while (more)
                {
                    stop.ThrowIfCancellationRequested();
                    more = await StepAsync(stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The spool keeps what is left.
        }
    }

    /// <summary>Sends one batch; returns whether to go on at once.</summary>
    private async Task<bool> StepAsync(CancellationToken stop)
    {
        TimeSpan? serverAsks = null;
        try
        {
            _lines.Clear();
            var pending = await stream.ReadAsync(_lines, stop);
            if (pending.Count == 0)
                return false;
            var outcome = await influx.WriteAsync(_lines, stop);
            if (outcome.Failure is null)
            {
                await stream.AdvanceAsync(pending, outcome, stop);
                Succeeded(outcome);
                return pending.MayHaveMore;
            }

            serverAsks = outcome.RetryAfter;
            Failed(outcome.Failure, null);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // Our own side: the spool cannot be read or written, or the source of events fails.
            Failed(error.Message, error);
        }

        await Task.Delay(_backoff.Next(serverAsks), time, stop);
        return true;
    }

    private void Succeeded(BatchOutcome outcome)
    {
        if (outcome.Rejected > 0)
        {
            Interlocked.Add(ref _rejected, outcome.Rejected);
            TelemetryLog.PointsRejected(logger, outcome.Rejected, stream.Name, outcome.RejectReason ?? "");
        }

        if (_current is not null)
            TelemetryLog.ForwardingRecovered(logger, stream.Name);
        _current = null;
        _backoff.Reset();
    }

    private void Failed(string reason, Exception? error)
    {
        // Once per reason, not once per attempt: an outage of hours is one line.
        if (_current?.Reason != reason)
        {
            if (error is null)
                TelemetryLog.ForwardingFailed(logger, stream.Name, reason);
            else
                TelemetryLog.ForwardingStumbled(logger, stream.Name, error);
        }

        _last = _current = new Trouble(reason, time.GetUtcNow());
    }
}

/// <summary>An error of forwarding.</summary>
internal sealed record Trouble(string Reason, DateTimeOffset At);
