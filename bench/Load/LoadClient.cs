using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CareHub.Bench.Load;

/// <summary>One MQTT 3.1.1 connection of the load: prebuilt packets out, frames counted in.</summary>
internal sealed class LoadClient : IDisposable
{
    private readonly byte[] _input;
    private int _used;

    private LoadClient(Socket socket, int inputBytes)
    {
        Socket = socket;
        _input = new byte[inputBytes];
    }

    public delegate void PacketSeen(byte header, ReadOnlySpan<byte> body);

    public Socket Socket { get; }

    public static async Task<LoadClient> ConnectAsync(int port, string clientId, int inputBytes = 4096, (string User, string Secret)? credentials = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var client = new LoadClient(socket, inputBytes);
        var id = Encoding.ASCII.GetBytes(clientId);
        byte[] identity = credentials is { } given ? [.. Text(given.User), .. Text(given.Secret)] : [];
        var flags = (byte)(credentials is null ? 0x02 : 0xC2);
        await socket.SendAsync((byte[])[0x10, (byte)(12 + id.Length + identity.Length), 0, 4, .. "MQTT"u8, 4, flags, 0, 0, 0, (byte)id.Length, .. id, .. identity]);
        await client.ReadUntilAsync(0x20);
        return client;
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    public static byte[] Publish(string topic, int payloadBytes, int qos)
    {
        var name = Encoding.ASCII.GetBytes(topic);
        var body = 2 + name.Length + (qos > 0 ? 2 : 0) + payloadBytes;
        var header = body < 128 ? new[] { (byte)(0x30 | (qos << 1)), (byte)body } : [(byte)(0x30 | (qos << 1)), (byte)(body | 0x80), (byte)(body >> 7)];
        return [.. header, (byte)(name.Length >> 8), (byte)name.Length, .. name, .. qos > 0 ? new byte[] { 0, 1 } : [], .. new byte[payloadBytes]];
    }

    /// <summary>Where the packet identifier of <see cref="Publish"/> stands.</summary>
    public static int PacketIdAt(string topic, int payloadBytes) => (2 + topic.Length + 2 + payloadBytes < 128 ? 2 : 3) + 2 + topic.Length;

    public async Task SubscribeAsync(string filter, int qos)
    {
        var name = Encoding.ASCII.GetBytes(filter);
        await Socket.SendAsync((byte[])[0x82, (byte)(5 + name.Length), 0, 1, 0, (byte)name.Length, .. name, (byte)qos]);
        await ReadUntilAsync(0x90);
    }

    /// <summary>One read of the socket; every complete packet is shown. False at the end.</summary>
    public async ValueTask<bool> ReadAsync(PacketSeen seen)
    {
        var got = await Socket.ReceiveAsync(_input.AsMemory(_used));
        if (got == 0)
        {
            return false;
        }

        _used += got;
        var at = 0;
        while (TryFrame(_input.AsSpan(at, _used - at), out var headerBytes, out var bodyBytes) && at + headerBytes + bodyBytes <= _used)
        {
            seen(_input[at], _input.AsSpan(at + headerBytes, bodyBytes));
            at += headerBytes + bodyBytes;
        }

        _input.AsSpan(at, _used - at).CopyTo(_input);
        _used -= at;
        return true;
    }

    public void Dispose() => Socket.Dispose();

    private static bool TryFrame(ReadOnlySpan<byte> span, out int headerBytes, out int bodyBytes)
    {
        headerBytes = 1;
        bodyBytes = 0;
        for (var shift = 0; headerBytes < span.Length; shift += 7)
        {
            var b = span[headerBytes++];
            bodyBytes |= (b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private async Task ReadUntilAsync(byte header)
    {
        var found = false;
        while (!found)
        {
            if (!await ReadAsync((h, _) => found |= h == header))
            {
                throw new IOException("The broker closed the connection.");
            }
        }
    }
}
