using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>The client's byte stream with frames on the one side and a batched output on the other.</summary>
internal sealed class ClientConnection : BufferedOutput, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly int _packetBytesMax;

    private ClientConnection(Stream stream, int packetBytesMax)
        : base(PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)))
    {
        _stream = stream;
        _packetBytesMax = packetBytesMax;
        // Zero-byte reads: a client that waits holds no buffer.
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
    }

    public delegate bool PacketHandler(in Frame frame, ReadOnlySpan<byte> body);

    public static async Task<ClientConnection> OpenAsync(MqttClientOptions options, CancellationToken cancellationToken)
    {
        if (options.OpenStream is { } open)
        {
            return new ClientConnection(await open(cancellationToken).ConfigureAwait(false), options.PacketBytesMax);
        }

        if (options.WebSocket is { } address)
        {
            return new ClientConnection(await ClientWebSocketStream.OpenAsync(address, options.Tls, cancellationToken).ConfigureAwait(false), options.PacketBytesMax);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                tls.TargetHost ??= options.Host;
                var secured = new SslStream(stream, leaveInnerStreamOpen: false);
                await secured.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
                stream = secured;
            }

            return new ClientConnection(stream, options.PacketBytesMax);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Queues a packet; it leaves with the next flush of this thread.</summary>
    public void Send(ReadOnlySpan<byte> packet)
    {
        lock (Gate)
        {
            Write(packet);
        }
    }

    /// <summary>Reads packets until the stream ends or the handler says stop.</summary>
    /// <exception cref="MqttException">A packet was malformed or too large.</exception>
    public async Task ReadAsync(PacketHandler handle, Func<Task> pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            var next = Process(ref buffer, handle, pause);
            _input.AdvanceTo(buffer.Start, next == Next.Pause ? buffer.Start : buffer.End);
            FlushBatch.Current.FlushAll();
            if (next == Next.Stop || (next == Next.Read && result.IsCompleted))
            {
                return;
            }

            await pause().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        CloseOutput();
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    protected override void OnDrained() => FlushBatch.Current.FlushAll();

    private enum Next
    {
        Read,
        Pause,
        Stop,
    }

    private Next Process(ref ReadOnlySequence<byte> buffer, PacketHandler handle, Func<Task> pause)
    {
        while (true)
        {
            if (!pause().IsCompleted)
            {
                return Next.Pause;
            }

            switch (Frame.TryRead(buffer, _packetBytesMax, out var frame))
            {
                case FrameStatus.Incomplete:
                    return Next.Read;
                case FrameStatus.Malformed:
                    throw new MqttException("The server sent a malformed packet.", ReasonCode.MalformedPacket);
                case FrameStatus.TooLarge:
                    throw new MqttException("The server sent a packet that is too large.", ReasonCode.PacketTooLarge);
            }

            var body = buffer.Slice(frame.BodyOffset, frame.BodyLength);
            var more = handle(frame, body.IsSingleSegment ? body.FirstSpan : body.ToArray());
            buffer = buffer.Slice(body.End);
            if (!more)
            {
                return Next.Stop;
            }
        }
    }
}
