using System.Net;
using System.Net.Sockets;

namespace CareHub.Mqtt.Tests.Support;

/// <summary>A socket that speaks the bytes a test gives it. Waiting has a limit only so that a failing test ends.</summary>
internal sealed class RawClient(Stream stream, int level) : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public int Level { get; } = level;

    public static async Task<RawClient> OpenAsync(IPEndPoint endpoint, int level)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        return new RawClient(new NetworkStream(socket, ownsSocket: true), level);
    }

    public async Task SendAsync(params byte[][] packets)
    {
        await stream.WriteAsync(Bytes.Join(packets));
        await stream.FlushAsync();
    }

    /// <summary>The next packet; null when the broker has closed the connection.</summary>
    public async Task<Received?> TryReceiveAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            var header = new byte[1];
            if (await stream.ReadAsync(header, limit.Token) == 0)
            {
                return null;
            }

            int length = 0, shift = 0;
            var one = new byte[1];
            do
            {
                await stream.ReadExactlyAsync(one, limit.Token);
                length |= (one[0] & 0x7F) << shift;
                shift += 7;
            }
            while (one[0] >= 0x80);
            var body = new byte[length];
            await stream.ReadExactlyAsync(body, limit.Token);
            return new Received(header[0], body, Level);
        }
        catch (IOException)
        {
            return null;
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException("The broker sent nothing.", exception);
        }
    }

    public async Task<Received> ReceiveAsync() =>
        await TryReceiveAsync() ?? throw new InvalidOperationException("The broker closed the connection.");

    /// <summary>The next packet, which has to be of the type.</summary>
    public async Task<Received> ReceiveAsync(int type)
    {
        var received = await ReceiveAsync();
        Assert.True(received.Type == type, $"expected packet type {type}, got {received}");
        return received;
    }

    public Task<Received> PublishAsync() => ReceiveAsync(3);

    /// <summary>Nothing was sent up to now: a ping comes back before anything else.</summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync(Bytes.Pingreq);
        var received = await ReceiveAsync();
        Assert.True(received.Type == 13, $"expected nothing, got {received}");
    }

    /// <summary>The broker closes without another packet.</summary>
    public async Task ExpectClosedAsync()
    {
        var received = await TryReceiveAsync();
        Assert.True(received is null, $"expected the connection to be closed, got {received}");
    }

    /// <summary>The broker says why, where the version lets it, and closes.</summary>
    public async Task ExpectDisconnectAsync(params int[] reasons)
    {
        if (Level == 5)
        {
            var received = await ReceiveAsync(14);
            Assert.Contains(received.Reason, reasons);
        }

        await ExpectClosedAsync();
    }

    public async Task<Received> ConnectAsync(byte[] connect)
    {
        await SendAsync(connect);
        return await ReceiveAsync(2);
    }

    public async Task<Received> SubscribeAsync(string filter, int options = 0, int id = 10, params byte[][] props)
    {
        await SendAsync(Bytes.Subscribe(Level, id, filter, options, props));
        var suback = await ReceiveAsync(9);
        Assert.Equal(id, suback.Id);
        return suback;
    }

    /// <summary>Cuts the connection as a lost network would seem to the broker: the end of the stream, no DISCONNECT.</summary>
    public async ValueTask DisposeAsync() => await stream.DisposeAsync();
}
