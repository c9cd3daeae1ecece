using System.Diagnostics;
using CareHub.Storage.Telemetry.Influx;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// Sends one stream, batch by batch, and remembers its position after each. A crash between the two sends a batch
/// twice, which InfluxDB does not notice. Whatever fails is tried again after a pause; only what InfluxDB rejects for
/// good is put into quarantine, counted and left behind. The next batch is made while one is on its way.
/// </summary>
internal sealed class ForwardingLoop(
    IForwardedStream stream, InfluxBatchWriter influx, IRejectedPoints? quarantine, TelemetryLimits limits, TimeProvider time, ILogger logger)
{
    private readonly Backoff _backoff = new(limits.BackoffMin, limits.BackoffMax, Random.Shared);
    private (LineBatch Lines, Pending Pending) _sending = (new LineBatch(), default);
    private (LineBatch Lines, Pending Pending) _next = (new LineBatch(), default);
    private volatile Trouble? _current;
    private volatile Trouble? _last;
    private volatile Trouble? _lastRejection;
    private long _rejected;
    private long _unavailable;
    private long _refused;
    private long _own;

    /// <summary>The error that stands in the way now.</summary>
    public Trouble? Current => _current;

    /// <summary>The newest error, also when it has passed.</summary>
    public Trouble? Last => _last;

    public long Rejected => Volatile.Read(ref _rejected);

    /// <summary>The newest points that were refused for good.</summary>
    public Trouble? LastRejection => _lastRejection;

    public ForwardingFailures Failures => new(Volatile.Read(ref _unavailable), Volatile.Read(ref _refused), Volatile.Read(ref _own));

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await stream.WaitAsync(stop);
                while (await StepAsync(stop))
                {
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
        stop.ThrowIfCancellationRequested();
        var began = ProcessorTime.Now();
        try
        {
            if (_sending.Pending.Count == 0 && !await ReadAsync(stop))
                return false;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // Our own side: the spool cannot be read, or the source of events fails.
            Failed(new Trouble(error.Message, time.GetUtcNow(), IsRefusal: false), error);
            await Task.Delay(_backoff.Next(null), time, stop);
            return true;
        }

        var sent = influx.WriteAsync(_sending.Lines, stop);
        var hasNext = await PrepareAsync(stop);
        var worked = ProcessorTime.Since(began);
        var outcome = await sent;
        if (outcome.Failure is { } failure)
        {
            Failed(new Trouble(failure, time.GetUtcNow(), outcome.IsRefusal), null);
            await Task.Delay(_backoff.Next(outcome.RetryAfter), time, stop);
            return true;
        }

        await ConcludeAsync(outcome, stop);
        if (hasNext)
            await RestAsync(began, worked, stop);
        return hasNext;
    }

    private async Task<bool> ReadAsync(CancellationToken stop)
    {
        _sending.Lines.Clear();
        _sending.Pending = await stream.ReadAsync(_sending.Lines, stop);
        return _sending.Pending.Count > 0;
    }

    /// <summary>Makes the next batch, unless it stands already (the last attempt failed) or there is none worth a request.</summary>
    private async Task<bool> PrepareAsync(CancellationToken stop)
    {
        if (_next.Pending.Count > 0)
            return true;
        if (!_sending.Pending.MayHaveMore)
            return false;
        try
        {
            _next.Lines.Clear();
            _next.Pending = await stream.ReadAsync(_next.Lines, stop);
            return _next.Pending.Count > 0;
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            // Met again, and said, when it is this batch's turn.
            _next.Pending = default;
            return true;
        }
    }

    private async Task ConcludeAsync(BatchOutcome outcome, CancellationToken stop)
    {
        if (outcome.Rejected > 0)
        {
            Interlocked.Add(ref _rejected, outcome.Rejected);
            _lastRejection = new Trouble(outcome.RejectReason ?? "", time.GetUtcNow(), IsRefusal: false);
            TelemetryLog.PointsRejected(logger, outcome.Rejected, stream.Name, outcome.RejectReason ?? "");
            await QuarantineAsync(outcome, stop);
        }

        var unwritten = Advance(outcome);
        _sending.Pending = default;
        (_sending, _next) = (_next, _sending);
        _backoff.Reset();
        if (unwritten is not null)
        {
            Failed(new Trouble(unwritten.Message, time.GetUtcNow(), IsRefusal: false), unwritten);
            return;
        }

        if (_current is not null)
            TelemetryLog.ForwardingRecovered(logger, stream.Name);
        _current = null;
    }

    /// <summary>The error for which the position could not be written. It is behind then, and after a restart the batch is sent again.</summary>
    private Exception? Advance(BatchOutcome outcome)
    {
        try
        {
            stream.Advance(_sending.Pending, outcome);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error;
        }
    }

    private async Task QuarantineAsync(BatchOutcome outcome, CancellationToken stop)
    {
        if (quarantine is null || outcome.RejectedLines.Count == 0)
            return;
        try
        {
            await quarantine.KeepAsync([.. outcome.RejectedLines.Select(each => new RejectedPoint(stream.Name, each.Origin.Device ?? "", each.Origin.Site, each.Line, each.Reason))], stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // They are counted all the same, and in the embedded store; a disk that is full must not stop the good ones.
            TelemetryLog.QuarantineFailed(logger, outcome.RejectedLines.Count, error);
        }
    }

    /// <summary>Sleeps so that the work of this batch was no more than the set share of a processor.</summary>
    private async Task RestAsync(ProcessorTime.Mark began, TimeSpan worked, CancellationToken stop)
    {
        var rest = (worked / limits.ForwardShare) - Stopwatch.GetElapsedTime(began.Wall);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, TimeProvider.System, stop);
    }

    private void Failed(Trouble trouble, Exception? error)
    {
        Interlocked.Increment(ref error is not null ? ref _own : ref trouble.IsRefusal ? ref _refused : ref _unavailable);
        // Once per reason, not once per attempt: an outage of hours is one line.
        if (_current?.Reason != trouble.Reason)
        {
            if (error is null)
                TelemetryLog.ForwardingFailed(logger, stream.Name, trouble.Reason);
            else
                TelemetryLog.ForwardingStumbled(logger, stream.Name, error);
        }

        _last = _current = trouble;
    }
}

/// <summary>An error of forwarding.</summary>
/// <param name="Reason">In the server's words, or ours.</param>
/// <param name="At">When.</param>
/// <param name="IsRefusal">Waiting does not mend it: a person has to.</param>
internal sealed record Trouble(string Reason, DateTimeOffset At, bool IsRefusal);
