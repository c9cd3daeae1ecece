using CareHub.Core.Alarms;

namespace CareHub.Server.Pipeline;

/// <summary>
/// Group commit: one transaction for all that the shards have waiting. While a commit is on its way to the disk the next
/// group gathers by itself, so batches grow with the load and nobody waits for a timer. A batch that finds nobody else is
/// committed by the shard that brings it: each hand-over to another thread is a wait for a processor.
/// </summary>
internal sealed partial class Committer : IDisposable
{
    /// <summary>Batches that may wait for the next transaction: a shard waits for its batch before it makes another.</summary>
    public const int WaitingMax = Limits.Shards;

    private readonly IAlarmLedger _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger<Committer> _log;

    /// <summary>
    /// Guards what follows. A monitor, because waiting at it spins for nobody: a thread that spins gives its processor away, and comes back
    /// when whoever has it now is done.
    /// </summary>
    private readonly object _gate = new();
    private readonly Thread _thread;
    private List<Request> _waiting = [];
    private bool _isWriting;
    private bool _isCrowded;
    private bool _isEnding;
    private long _committed;
    private long _failed;
    private volatile bool _failing;
    private long _busySince;

    public Committer(IAlarmLedger ledger, TimeProvider time, ILogger<Committer> log)
    {
        _ledger = ledger;
        _time = time;
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "commit" };
        _thread.Start();
    }

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

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
        lock (_gate)
        {
            if (_isWriting || _isCrowded || _waiting.Count > 0)
            {
                _waiting.Add(request);
                Monitor.Pulse(_gate);
                return request.Done.Task;
            }

            _isWriting = true;
        }

        Write([request]);
        return request.Done.Task;
    }

    private void Run()
    {
        while (TakeGroup() is { } group)
        {
            Write(group);
        }
    }

    /// <summary>All that wait, once nobody writes; null at the end.</summary>
    private List<Request>? TakeGroup()
    {
        lock (_gate)
        {
            while (_isWriting || _waiting.Count == 0)
            {
                if (_isEnding && !_isWriting)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }

            var group = _waiting;
            _waiting = [];
            _isCrowded = group.Count > 1;
            _isWriting = true;
            return group;
        }
    }

    private void Write(List<Request> group)
    {
        Interlocked.Exchange(ref _busySince, _time.GetTimestamp());
        Commit(group);
        Interlocked.Exchange(ref _busySince, 0);
        lock (_gate)
        {
            _isWriting = false;
            if (_waiting.Count > 0 || _isEnding)
            {
                Monitor.Pulse(_gate);
            }
        }
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
        lock (_gate)
        {
            _isEnding = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private sealed record Request(CommitBatch Batch)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(2001, LogLevel.Error, "A commit of {Batches} batches failed; nothing in it was acknowledged")]
    private partial void LogFailed(Exception failure, int batches);
}
