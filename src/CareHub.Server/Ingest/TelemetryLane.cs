using System.Threading.Channels;
using CareHub.Core.Telemetry;

namespace CareHub.Server.Ingest;

/// <summary>
/// The second lane: readings on their way to the telemetry store, bounded and apart from signals. Under overload it is
/// the one that yields.
/// </summary>
internal sealed partial class TelemetryLane(ITelemetryStore store, ILogger<TelemetryLane> log) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<Message> _queue = Channel.CreateBounded<Message>(new BoundedChannelOptions(Limits.TelemetryQueueMax) { SingleReader = true });
    private long _shed;
    private long _failed;

    public int Waiting => _queue.Reader.Count;

    /// <summary>Messages dropped because the lane was full.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Batches that the store did not take.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Takes readings that made no promise; false when they had to be shed.</summary>
    public bool TryAccept(List<Reading> readings)
    {
        if (_queue.Writer.TryWrite(new Message(readings, null)))
        {
            return true;
        }

        Interlocked.Increment(ref _shed);
        return false;
    }

    /// <summary>Completes when the readings are kept; waits while the lane is full.</summary>
    public async Task KeepAsync(List<Reading> readings)
    {
        var kept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Message(readings, kept));
        await kept.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Reading>();
        var waiting = new List<TaskCompletionSource>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            waiting.Clear();
            while (batch.Count < Limits.TelemetryBatchMax && _queue.Reader.TryRead(out var message))
            {
                batch.AddRange(message.Readings);
                if (message.Kept is { } kept)
                {
                    waiting.Add(kept);
                }
            }

            try
            {
                await store.AppendAsync(batch, stoppingToken);
                waiting.ForEach(kept => kept.TrySetResult());
            }
            catch (Exception failure)
            {
                // QoS 1 senders are not acknowledged and send again; QoS 0 made no promise.
                waiting.ForEach(kept => kept.TrySetException(failure));
                if (stoppingToken.IsCancellationRequested)
                {
                    return;
                }

                Interlocked.Increment(ref _failed);
                LogAppendFailed(failure, batch.Count);
                await Task.Delay(RetryAfter, stoppingToken);
            }
        }
    }

    private readonly record struct Message(List<Reading> Readings, TaskCompletionSource? Kept);

    [LoggerMessage(1201, LogLevel.Error, "{Readings} readings could not be kept")]
    private partial void LogAppendFailed(Exception failure, int readings);
}
