using CareHub.Mqtt.Sessions;

namespace CareHub.Server.BrokerStore;

/// <summary>
/// Sessions, their messages and retained messages in <c>broker.db</c>. One thread writes; what gathered while the last
/// commit was on its way to the disk is the next transaction (group commit without a timer).
/// </summary>
/// <remarks>
/// A commit that fails (full disk, a file locked by an importer) is tried again until it succeeds. Meanwhile nothing
/// that depends on it is acknowledged, and at the bounds of <see cref="Limits"/> the broker itself waits: nothing that
/// was recorded is dropped.
/// </remarks>
internal sealed class SqliteSessionStore : ISessionStore, IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly BrokerFile _file;
    private readonly ILogger _log;
    private readonly int _changesMax;
    private readonly long _bytesMax;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<StoreChange> _gathering = [];
    private List<StoreChange> _writing = [];
    private long _gatheringBytes;
    private long _recorded;
    private long _writingEnd;
    private long _durable;
    private TaskCompletionSource? _gatheringDone;
    private TaskCompletionSource? _writingDone;
    private volatile bool _isFailing;
    private bool _isClosing;

    private SqliteSessionStore(BrokerFile file, ILogger log, int changesMax, long bytesMax)
    {
        (_file, _log, _changesMax, _bytesMax) = (file, log, changesMax, bytesMax);
        new Thread(Run) { IsBackground = true, Name = "broker.db" }.Start();
    }

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="IOException">It is in use, damaged, or of a later version; the message says so.</exception>
    public static SqliteSessionStore Open(string path, ILogger log, int changesMax = Limits.BrokerChangesMax, long bytesMax = Limits.BrokerChangesBytesMax) =>
        new(BrokerFile.Open(path), log, changesMax, bytesMax);

    /// <summary>The latest write did not reach the disk; it is tried again and again.</summary>
    public bool IsFailing => _isFailing;

    public Task<StoredState> LoadAsync(CancellationToken cancellationToken) => Task.Run(_file.Load, cancellationToken);

    public long Record(StoreChange change)
    {
        var bytes = BytesOf(change);
        lock (_gate)
        {
            while ((_gathering.Count >= _changesMax || _gatheringBytes >= _bytesMax) && !_isClosing)
            {
                Monitor.Wait(_gate);
            }

            _gathering.Add(change);
            _gatheringBytes += bytes;
            if (_gathering.Count == 1)
            {
                Monitor.PulseAll(_gate);
            }

            return ++_recorded;
        }
    }

    public Task WhenDurable(long position)
    {
        if (position <= Volatile.Read(ref _durable))
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            if (position <= _durable)
            {
                return Task.CompletedTask;
            }

            return position <= _writingEnd ? NewOr(ref _writingDone).Task : NewOr(ref _gatheringDone).Task;
        }
    }

    public Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return WhenDurable(_recorded).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes what is left, once, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosing = true;
            Monitor.PulseAll(_gate);
        }

        await _ended.Task;
        _file.Dispose();
    }

    private static TaskCompletionSource NewOr(ref TaskCompletionSource? source) =>
        source ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private static long BytesOf(StoreChange change) => change switch
    {
        StoreChange.DeliverySaved { Delivery.Message: { } message } => message.Payload.Length + message.Topic.Length + message.Properties.Length,
        StoreChange.RetainedSaved { Message: var message } => message.Payload.Length + message.Topic.Length + message.Properties.Length,
        _ => 0,
    };

    private void Run()
    {
        while (Take())
        {
            WriteUntilDone();
            TaskCompletionSource? done;
            lock (_gate)
            {
                Volatile.Write(ref _durable, _writingEnd);
                (done, _writingDone) = (_writingDone, null);
            }

            _writing.Clear();
            done?.TrySetResult();
        }

        _ended.TrySetResult();
    }

    private bool Take()
    {
        lock (_gate)
        {
            while (_gathering.Count == 0)
            {
                if (_isClosing)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (_gathering, _writing) = (_writing, _gathering);
            (_writingDone, _gatheringDone) = (_gatheringDone, null);
            _writingEnd = _recorded;
            _gatheringBytes = 0;
            Monitor.PulseAll(_gate); // there is room again
            return true;
        }
    }

    private void WriteUntilDone()
    {
        while (true)
        {
            try
            {
                _file.Write(_writing);
                if (_isFailing)
                {
                    _isFailing = false;
                    BrokerStoreLog.Recovered(_log);
                }

                return;
            }
            catch (Exception failure)
            {
                if (!_isFailing)
                {
                    BrokerStoreLog.WriteFailed(_log, failure);
                }

                _isFailing = true;
            }

            lock (_gate)
            {
                if (_isClosing)
                {
                    BrokerStoreLog.Abandoned(_log, _writing.Count + _gathering.Count);
                    return;
                }

                Monitor.Wait(_gate, Limits.BrokerStoreRetryMs);
            }
        }
    }
}
