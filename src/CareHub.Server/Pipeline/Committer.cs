using System.Threading.Channels;
using CareHub.Core.Alarms;

namespace CareHub.Server.Pipeline;

/// <summary>
/// Group commit: one transaction for all that the shards have waiting. While a commit is on its way to the disk the next
/// group gathers by itself, so batches grow with the load and nobody waits for a timer. A batch that finds nobody else is
/// committed by the shard that brings it: each hand-over to another thread is a wait for a processor.
/// </summary>
internal sealed partial class Committer : IDisposable
{
    /// <summary>Batches that may wait for the next transaction. At the bound a shard waits with its batch.</summary>
    public const int WaitingMax = Limits.Shards * 2;

    private readonly IAlarmLedger _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger<Committer> _log;
    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly Thread _thread;

    /// <summary>Held for a commit: the ledger is one thread's at a time.</summary>
    private readonly Lock _writing = new();
    private long _committed;
    private long _failed;
    private volatile bool _failing;
    private volatile bool _crowded;
    private long _busySince;

    public Committer(IAlarmLedger ledger, TimeProvider time, ILogger<Committer> log)
    {
        _ledger = ledger;
        _time = time;
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "commit" };
        _thread.Start();
    }

    public int Waiting => _requests.Reader.Count;

    /// <summary>Transactions so far.</summary>
    public long Committed => Interlocked.Read(ref _committed);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>The latest commit did not reach the disk.</summary>
    public bool IsFailing => _failing;

    /// <summary>How long the commit under way has been under way; zero when there is none.</summary>
    public TimeSpan BusyFor(TimeProvider time) => Interlocked.Read(ref _busySince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Completes when the batch is on disk; faults when it is not.</summary>
    public Task CommitAsync(CommitBatch batch)
    {
        var request = new Request(batch);
        if (!_crowded && Waiting == 0 && _writing.TryEnter())
        {
            try
            {
                Write([request]);
            }
            finally
            {
                _writing.Exit();
            }

            return request.Done.Task;
        }

        return JoinAsync(request);
    }

    private async Task JoinAsync(Request request)
    {
        await _requests.Writer.WriteAsync(request);
        await request.Done.Task;
    }

    private void Run()
    {
        var group = new List<Request>(Limits.Shards * 2);
        while (WaitForWork())
        {
            lock (_writing)
            {
                group.Clear();
                while (_requests.Reader.TryRead(out var request))
                {
                    group.Add(request);
                }

                _crowded = group.Count > 1;
                Write(group);
            }
        }
    }

    private void Write(List<Request> group)
    {
        Interlocked.Exchange(ref _busySince, _time.GetTimestamp());
        Commit(group);
        Interlocked.Exchange(ref _busySince, 0);
    }

    private bool WaitForWork()
    {
        var waiting = _requests.Reader.WaitToReadAsync();
        return waiting.IsCompletedSuccessfully ? waiting.Result : waiting.AsTask().GetAwaiter().GetResult();
    }

    private void Commit(List<Request> group)
    {
        try
        {
            _ledger.Commit([.. group.Select(request => request.Batch)]);
            Interlocked.Increment(ref _committed);
            _failing = false;
            foreach (var request in group)
            {
                request.Done.TrySetResult();
            }
        }
        catch (Exception failure)
        {
            Interlocked.Increment(ref _failed);
            LogFailed(failure, group.Count);
            if (group.Count > 1)
            {
                // One shard's trouble must not be the others': each gets its own transaction.
                foreach (var request in group)
                {
                    Commit([request]);
                }

                return;
            }

            _failing = true;
            group[0].Done.TrySetException(failure);
        }
    }

    public void Dispose()
    {
        _requests.Writer.TryComplete();
        _thread.Join();
    }

    private sealed record Request(CommitBatch Batch)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(2001, LogLevel.Error, "A commit of {Batches} batches failed; nothing in it was acknowledged")]
    private partial void LogFailed(Exception failure, int batches);
}
