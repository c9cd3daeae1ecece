using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// Takes readings from the spool into the embedded store, in large transactions that hold the position too: after a crash
/// each reading is in the file once.
/// </summary>
internal sealed class EmbeddedApplier : IAsyncDisposable
{
    private readonly ReadingSpool _spool;
    private readonly SpoolConsumer _consumer;
    private readonly EmbeddedTelemetryStore _store;
    private readonly TelemetryLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<SpoolReading> _taken = [];
    private readonly List<Reading> _batch = [];
    private readonly Lock _lock = new();
    private readonly Task _running;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SpoolPosition _position;
    private long[] _order = [];
    private volatile bool _failing;

    public EmbeddedApplier(ReadingSpool spool, SpoolConsumer consumer, EmbeddedTelemetryStore store, TelemetryLimits limits, TimeProvider time, ILogger logger)
    {
        (_spool, _consumer, _store, _limits, _time, _logger) = (spool, consumer, store, limits, time, logger);
        _running = BehindAlarms.Run("apply readings", RunAsync);
    }

    /// <summary>Readings that are acknowledged and not in the file yet.</summary>
    public long Waiting => _consumer.Waiting;

    /// <summary>Readings that the quota took before they were in the file.</summary>
    public long Shed => _consumer.Shed;

    /// <summary>
    /// Completes when everything acknowledged by now is in the file, or the patience of a query is over: at once when the
    /// file is far behind or cannot be written.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var end = _spool.End;
        if (_consumer.Confirmed.Covers(end) || _failing || Waiting > _limits.ApplyReadingsMax)
            return;
        using var patience = new CancellationTokenSource(_limits.CatchUpMax);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            while (true)
            {
                Task applied;
                lock (_lock)
                {
                    applied = _applied.Task;
                    _asked.TrySetResult();
                }

                if (_consumer.Confirmed.Covers(end))
                    return;
                await applied.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Behind, or unable to write: the answer is what the file has.
        }
    }

    /// <summary>Applies what is in the spool, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _consumer.WhenWaiting(1).WaitAsync(_stop.Token);
                await GatherAsync();
                await DrainAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // What is left waits in the spool; a short rest is taken along, so that a file copied now is complete. But not past
            // a batch that has failed: its readings would be left out.
            if (!_failing && _consumer.Waiting <= _limits.ApplyReadingsMax)
                await DrainAsync(CancellationToken.None);
        }
    }

    /// <summary>Waits until a transaction is worth it, or somebody asks, or the interval is over.</summary>
    private async Task GatherAsync()
    {
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task asked;
        lock (_lock)
            asked = _asked.Task;
        await Task.WhenAny(_consumer.WhenWaiting(_limits.ApplyReadingsMax), asked, Task.Delay(_limits.ApplyInterval, _time, interval.Token));
        await interval.CancelAsync();
        _stop.Token.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_asked.Task.IsCompleted)
                _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task DrainAsync(CancellationToken stop)
    {
        while (await TryAsync(TakeAsync, stop) && _taken.Count > 0)
        {
            FillBatch();
            if (!await TryAsync(ApplyAsync, stop))
                return;
        }
    }

    /// <summary>What comes next in the spool. A read that fails leaves the consumer where it was.</summary>
    private Task TakeAsync()
    {
        _taken.Clear();
        _position = _consumer.Read(_taken, _limits.ApplyReadingsMax);
        return Task.CompletedTask;
    }

    /// <summary>By series, and in each as they came: what lies together in the file is written together.</summary>
    private void FillBatch()
    {
        if (_order.Length < _taken.Count)
            _order = new long[_taken.Count];
        var order = _order.AsSpan(0, _taken.Count);
        for (var i = 0; i < order.Length; i++)
            order[i] = ((long)_taken[i].Series.Id << 32) | (uint)i;
        order.Sort();
        _batch.Clear();
        foreach (var each in order)
        {
            var taken = _taken[(int)each];
            _batch.Add(new Reading(taken.Series.Device, taken.Series.Name, taken.Value, UnixTicks.ToTime(taken.AtTicks)));
        }
    }

    private async Task ApplyAsync()
    {
        await _store.ApplyAsync(_batch, _position, CancellationToken.None);
        _consumer.Confirm(_position);
        if (_failing)
            TelemetryLog.ApplyRecovered(_logger);
        _failing = false;
        TaskCompletionSource applied;
        lock (_lock)
            (applied, _applied) = (_applied, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        applied.SetResult();
    }

    /// <summary>Tries a step until it succeeds; false when the hub stops before.</summary>
    private async Task<bool> TryAsync(Func<Task> step, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await step();
                return true;
            }
            catch (Exception error)
            {
                if (!_failing)
                    TelemetryLog.ApplyFailed(_logger, error);
                _failing = true;
            }

            if (!stop.CanBeCanceled)
                return false;
            await Task.Delay(_limits.BackoffMin, _time, stop);
        }
    }
}
