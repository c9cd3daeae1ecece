using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace CareHub.Mqtt.Transport;

/// <summary>The sending side of an <see cref="EpollConnection"/>: whole buffers, one at a time, as <see cref="Codec.BufferedOutput"/> hands them over.</summary>
internal sealed class EpollWriter(EpollConnection connection) : PipeWriter, IValueTaskSource<FlushResult>
{
    private ManualResetValueTaskSourceCore<bool> _write = new() { RunContinuationsAsynchronously = true };
    private ReadOnlyMemory<byte> _rest;
    private int _isWaiting;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        var sent = connection.TrySend(source.Span);
        if (sent == source.Length)
        {
            return default;
        }

        if (sent < 0)
        {
            return new(new FlushResult(isCanceled: false, isCompleted: true));
        }

        _write.Reset();
        _rest = source[sent..];
        var task = new ValueTask<FlushResult>(this, _write.Version);
        Volatile.Write(ref _isWaiting, 1);
        connection.WatchWritable(true);
        return task;
    }

    /// <summary>There is room again, or the connection has gone. Called by the loop, and at the end.</summary>
    public void OnWritable()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 0)
        {
            return;
        }

        while (true)
        {
            var sent = connection.TrySend(_rest.Span);
            if (sent < 0)
            {
                _rest = default;
                _write.SetResult(false);
                return;
            }

            _rest = _rest[sent..];
            if (_rest.IsEmpty)
            {
                connection.WatchWritable(false);
                _write.SetResult(true);
                return;
            }

            if (sent == 0)
            {
                Volatile.Write(ref _isWaiting, 1);
                return;
            }
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => new(isCanceled: false, isCompleted: !_write.GetResult(token));

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _write.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token, flags);

    public override void Advance(int bytes) => throw new NotSupportedException();

    public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

    public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
