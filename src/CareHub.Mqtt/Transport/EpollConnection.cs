using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Tasks.Sources;

namespace CareHub.Mqtt.Transport;

/// <summary>
/// A socket as the two pipes that a broker connection works on. The reader receives into a buffer of the thread that
/// runs it and keeps only what was not consumed, so an idle connection holds none. Its users take what they read, and
/// advance, before they await anything.
/// </summary>
internal sealed class EpollConnection : PipeReader, IDuplexPipe, IWorkScheduler, IValueTaskSource<ReadResult>
{
    /// <summary>
    /// Bytes taken from one socket in its turn. More would save calls to the system, and make whoever presses a button wait for the
    /// telemetry of all others: with 64 KiB the 99th percentile of a press under a flood was two to four times as long.
    /// </summary>
    private const int ReceiveBytes = 16 * 1024;

    /// <summary>The rest of a packet up to this size is copied to the front of the thread's buffer; a larger packet grows in a buffer of its own.</summary>
    private const int CopiedBytesMax = ReceiveBytes / 4;

    [ThreadStatic]
    private static byte[]? s_receiveBuffer;

    private readonly EpollLoop _loop;
    private readonly Lock _lock = new();
    private readonly EpollWriter _writer;
    private ManualResetValueTaskSourceCore<bool> _read;
    private byte[]? _kept;
    private int _keptBytes;
    private byte[]? _current;
    private int _currentStart;
    private int _currentEnd;
    private uint _watched;
    private bool _isWatched;
    private bool _isReading;
    private bool _isFlooding;
    private bool _isDeferred;
    private bool _isUnexamined;
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isClosed;

    public EpollConnection(EpollLoop loop, int descriptor, IPEndPoint? remote)
    {
        _loop = loop;
        Descriptor = descriptor;
        Remote = remote;
        _writer = new EpollWriter(this);
    }

    public int Descriptor { get; }

    /// <summary>Tells it from others that had the same descriptor. Set by the loop.</summary>
    public int Generation { get; set; }

    public IPEndPoint? Remote { get; }

    public PipeReader Input => this;

    public PipeWriter Output => _writer;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_isCanceled)
            {
                _isCanceled = false;
                return new(new ReadResult(default, isCanceled: true, _isEnded));
            }

            if (_isUnexamined || _isEnded || _isClosed)
            {
                _isUnexamined = false;
                return new(Show(_kept, 0, _keptBytes));
            }

            _read.Reset();
            _isReading = true;

            // While it waits for its turn nobody needs to be told that there is more.
            var isDeferred = _isFlooding && _loop.IsCurrentThread;
            if (!Watch(isDeferred ? _watched & ~LinuxSockets.EpollIn : _watched | LinuxSockets.EpollIn))
            {
                _isReading = false;
                _isEnded = true;
                return new(Show(_kept, 0, _keptBytes));
            }

            if (isDeferred)
            {
                Defer();
            }

            return new ValueTask<ReadResult>(this, _read.Version);
        }
    }

    /// <summary>Runs on the thread that goes on with the reading: this is where the bytes are received.</summary>
    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        if (_read.GetResult(token))
        {
            return new ReadResult(default, isCanceled: true, _isEnded);
        }

        if (_keptBytes <= CopiedBytesMax)
        {
            // The rest of a packet goes to the front: a turn is as long with it as without.
            var buffer = s_receiveBuffer ??= GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true);
            var kept = _keptBytes;
            _kept.AsSpan(0, kept).CopyTo(buffer);
            ReleaseKept();
            return Show(buffer, 0, kept + Receive(buffer.AsSpan(kept)));
        }

        if (_kept!.Length == _keptBytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_kept.Length * 2);
            _kept.AsSpan(0, _keptBytes).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_kept);
            _kept = larger;
        }

        _keptBytes += Receive(_kept.AsSpan(_keptBytes));
        return Show(_kept, 0, _keptBytes);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_current is not { } current)
        {
            return;
        }

        // A sequence over one array gives positions as indices into it.
        var from = consumed.GetInteger();
        _isUnexamined = examined.GetInteger() < _currentEnd;
        _current = null;
        var left = _currentEnd - from;
        if (left == 0)
        {
            ReleaseKept();
            return;
        }

        if (ReferenceEquals(current, _kept))
        {
            current.AsSpan(from, left).CopyTo(current);
        }
        else
        {
            _kept = ArrayPool<byte>.Shared.Rent(Math.Max(left * 2, 1024));
            current.AsSpan(from, left).CopyTo(_kept);
        }

        _keptBytes = left;
    }

    public override void CancelPendingRead()
    {
        lock (_lock)
        {
            if (!_isReading)
            {
                _isCanceled = true;
                return;
            }

            _isReading = false;
        }

        // Not on this thread: it may hold the locks of whoever ends the connection.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection._read.SetResult(true), this, preferLocal: false);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        return false;
    }

    public override void Complete(Exception? exception = null)
    {
    }

    /// <summary>Called by the loop.</summary>
    public void OnEvents(uint events)
    {
        if ((events & (LinuxSockets.EpollOut | LinuxSockets.EpollError | LinuxSockets.EpollHangUp)) != 0)
        {
            _writer.OnWritable();
        }

        if ((events & (LinuxSockets.EpollIn | LinuxSockets.EpollError | LinuxSockets.EpollHangUp)) == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (!_isReading)
            {
                if ((events & (LinuxSockets.EpollError | LinuxSockets.EpollHangUp)) != 0)
                {
                    // Cannot be masked; the next read finds the end without being told again.
                    _isEnded = true;
                    _loop.Unwatch(this);
                }
                else
                {
                    // Nobody reads just now: what has come stays in the kernel, and the sender feels it.
                    Watch(_watched & ~LinuxSockets.EpollIn);
                }

                return;
            }

            if (_isFlooding && (events & (LinuxSockets.EpollError | LinuxSockets.EpollHangUp)) == 0)
            {
                Watch(_watched & ~LinuxSockets.EpollIn);
                Defer();
                return;
            }

            _isReading = false;
        }

        _read.SetResult(false);
    }

    /// <summary>Its turn among those that flood has come. Called by the loop.</summary>
    public void TakeTurn()
    {
        lock (_lock)
        {
            _isDeferred = false;
            if (!_isReading)
            {
                // It has ended, or was served because it hung up.
                return;
            }

            _isReading = false;
        }

        _read.SetResult(false);
    }

    /// <inheritdoc />
    public void Post(IThreadPoolWorkItem work) => _loop.Post(work);

    /// <summary>Cuts both directions; who reads or writes finds out. The descriptor stays until <see cref="Close"/>.</summary>
    public void Abort()
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                LinuxSockets.Shutdown(Descriptor);
            }
        }
    }

    /// <summary>Gives the descriptor back. The reading side has ended.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            _loop.Forget(this);
            LinuxSockets.Finish(Descriptor, s_receiveBuffer ??= GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true));
            LinuxSockets.Close(Descriptor);
        }

        ReleaseKept();
        _writer.OnWritable();
    }

    /// <summary>Sends what the kernel takes now; negative when the connection is gone.</summary>
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        // Under the lock, so that the descriptor cannot be closed, and be another connection's, at the same time.
        lock (_lock)
        {
            if (_isClosed)
            {
                return -1;
            }

            var sent = (int)LinuxSockets.Send(Descriptor, bytes);
            return sent >= 0 ? sent : LinuxSockets.LastError is LinuxSockets.Again or LinuxSockets.Interrupted ? 0 : -1;
        }
    }

    /// <summary>Watches for room to send, or no longer.</summary>
    public void WatchWritable(bool wanted)
    {
        lock (_lock)
        {
            Watch(wanted ? _watched | LinuxSockets.EpollOut : _watched & ~LinuxSockets.EpollOut);
        }
    }

    /// <summary>Under the lock, on the loop's thread.</summary>
    private void Defer()
    {
        if (!_isDeferred)
        {
            _isDeferred = true;
            _loop.Defer(this);
        }
    }

    private bool Watch(uint events)
    {
        if (_isClosed)
        {
            return false;
        }

        if (_isWatched && events == _watched)
        {
            return true;
        }

        _watched = events;
        var isNew = !_isWatched;
        _isWatched = true;
        return _loop.Watch(this, events, isNew);
    }

    private int Receive(Span<byte> buffer)
    {
        var got = (int)LinuxSockets.Receive(Descriptor, buffer);
        _isFlooding = got == buffer.Length;
        if (got > 0)
        {
            return got;
        }

        _isEnded = got == 0 || LinuxSockets.LastError is not (LinuxSockets.Again or LinuxSockets.Interrupted);
        return 0;
    }

    private ReadResult Show(byte[]? buffer, int start, int end)
    {
        _current = buffer;
        _currentStart = start;
        _currentEnd = end;
        return new ReadResult(
            buffer is null ? default : new ReadOnlySequence<byte>(buffer, _currentStart, end - start),
            isCanceled: false,
            isCompleted: _isEnded || _isClosed);
    }

    private void ReleaseKept()
    {
        if (_kept is { } kept)
        {
            ArrayPool<byte>.Shared.Return(kept);
            _kept = null;
        }

        _keptBytes = 0;
    }
}
