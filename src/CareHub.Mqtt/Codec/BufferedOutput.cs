using System.Buffers;
using System.IO.Pipelines;

namespace CareHub.Mqtt.Codec;

/// <summary>
/// The sending side of a connection. Packets are encoded into one pooled buffer under <see cref="Gate"/>; a flush
/// hands the whole buffer to the transport outside the gate, so that other threads go on adding to the next buffer
/// meanwhile and one system call carries many packets. Nothing is held while there is nothing to send.
/// </summary>
internal abstract class BufferedOutput
{
    private const int InitialBytes = 256;
    private const int HintBytesMax = 64 * 1024;

    private readonly PipeWriter _writer;
    private byte[]? _buffer;
    private int _used;
    private int _hint = InitialBytes;
    private bool _flushing;
    private bool _queuedForFlush;
    private bool _closed;
    private TaskCompletionSource? _drained;

    protected BufferedOutput(PipeWriter writer)
    {
        _writer = writer;
        Gate = this;
    }

    /// <summary>Guards everything here. The owner may replace it before the output is shared between threads.</summary>
    public object Gate { get; protected set; }

    /// <summary>Bytes that wait for the transport to take them. Read under the gate.</summary>
    public int PendingBytes => _used;

    /// <summary>The transport has stopped taking bytes for now. Read under the gate.</summary>
    public bool IsBlocked => _flushing && _used > 0;

    /// <summary>Nothing more can be sent.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Room for one packet, to be filled at once. Called under the gate.</summary>
    public Span<byte> Reserve(int bytes)
    {
        var buffer = _buffer;
        if (buffer is null)
        {
            _buffer = buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, _hint));
        }
        else if (buffer.Length - _used < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, _used + bytes));
            buffer.AsSpan(0, _used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            _buffer = buffer = larger;
        }

        var span = buffer.AsSpan(_used, bytes);
        _used += bytes;
        if (!_queuedForFlush)
        {
            _queuedForFlush = true;
            FlushBatch.Current.Add(this);
        }

        return span;
    }

    public void Write(ReadOnlySpan<byte> packet) => packet.CopyTo(Reserve(packet.Length));

    /// <summary>Hands what has gathered to the transport. Not called under the gate.</summary>
    public void Flush()
    {
        byte[] taken;
        int bytes;
        lock (Gate)
        {
            _queuedForFlush = false;
            if (_flushing || _used == 0 || _closed)
            {
                return;
            }

            _flushing = true;
            (taken, bytes) = Take();
        }

        Send(taken, bytes);
    }

    /// <summary>Completes when the transport has taken everything; at once when it is not behind.</summary>
    public Task WhenDrained()
    {
        lock (Gate)
        {
            if (!_flushing || _closed)
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>No byte is sent after this; what waits is dropped.</summary>
    public void CloseOutput()
    {
        TaskCompletionSource? drained;
        lock (Gate)
        {
            _closed = true;
            if (_buffer is { } buffer)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                _buffer = null;
                _used = 0;
            }

            drained = _drained;
            _drained = null;
        }

        drained?.TrySetResult();
    }

    /// <summary>The transport was behind and has caught up. Not called under the gate.</summary>
    protected abstract void OnDrained();

    private (byte[] Buffer, int Bytes) Take()
    {
        var taken = (_buffer!, _used);
        _hint = Math.Clamp(_used, InitialBytes, HintBytesMax);
        _buffer = null;
        _used = 0;
        return taken;
    }

    private void Send(byte[] buffer, int bytes)
    {
        while (true)
        {
            ValueTask<FlushResult> write;
            try
            {
                write = _writer.WriteAsync(buffer.AsMemory(0, bytes));
            }
            catch (Exception)
            {
                // The transport has gone; the reading side finds out and ends the connection.
                ArrayPool<byte>.Shared.Return(buffer);
                Stop();
                return;
            }

            if (!write.IsCompletedSuccessfully)
            {
                _ = FinishAsync(write, buffer);
                return;
            }

            if (!Continue(write.Result, ref buffer, ref bytes))
            {
                return;
            }
        }
    }

    private async Task FinishAsync(ValueTask<FlushResult> write, byte[] buffer)
    {
        int bytes = 0;
        FlushResult result;
        try
        {
            result = await write.ConfigureAwait(false);
        }
        catch (Exception)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Stop();
            return;
        }

        if (Continue(result, ref buffer, ref bytes))
        {
            Send(buffer, bytes);
        }

        OnDrained();
    }

    /// <summary>After one buffer has been taken: the next one, or the end of this flush.</summary>
    private bool Continue(FlushResult result, ref byte[] buffer, ref int bytes)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        if (result.IsCompleted || result.IsCanceled)
        {
            Stop();
            return false;
        }

        TaskCompletionSource? drained;
        lock (Gate)
        {
            if (_used > 0)
            {
                (buffer, bytes) = Take();
                return true;
            }

            _flushing = false;
            drained = _drained;
            _drained = null;
        }

        drained?.TrySetResult();
        return false;
    }

    private void Stop()
    {
        CloseOutput();
        lock (Gate)
        {
            _flushing = false;
        }
    }
}

/// <summary>Outputs that got bytes while the current thread worked through a batch of input; each is flushed once at its end.</summary>
internal sealed class FlushBatch
{
    [ThreadStatic]
    private static FlushBatch? s_current;

    private readonly List<BufferedOutput> _outputs = [];

    public static FlushBatch Current => s_current ??= new FlushBatch();

    public void Add(BufferedOutput output) => _outputs.Add(output);

    /// <summary>Called when the thread leaves the broker's code, never under a gate.</summary>
    public void FlushAll()
    {
        while (_outputs.Count > 0)
        {
            var last = _outputs.Count - 1;
            var output = _outputs[last];
            _outputs.RemoveAt(last);
            output.Flush();
        }
    }
}
