using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// A duty console as the wire sees it: subscribes, takes deltas, and asks for a snapshot when a number is missing. Records are
/// looked through as bytes, so that the measuring takes as little of the machine as it can.
/// </summary>
internal sealed class BenchConsole : IDisposable
{
    private const byte RecordSeparator = 0x1E;
    private const int BufferBytes = 64 * 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly AlarmSeen _seen;
    private Task _reading = Task.CompletedTask;
    private long _seq = -1;
    private string _epoch = "";
    private bool _asked;

    private BenchConsole(AlarmSeen seen) => _seen = seen;

    /// <summary>An alarm as a record shows it.</summary>
    /// <param name="at">Stopwatch time at which its bytes were there.</param>
    /// <param name="alarm">JSON from the alarm's id on.</param>
    public delegate void AlarmSeen(long at, ReadOnlySpan<byte> alarm);

    /// <summary>Snapshots that were needed because the feed had moved on too far.</summary>
    public int Resumed { get; private set; }

    public static async Task<BenchConsole> ConnectAsync(HubUnderLoad hub, AlarmSeen seen)
    {
        var console = new BenchConsole(seen);
        console._socket.Options.SetRequestHeader("Cookie", await hub.SignInAsync());
        await console._socket.ConnectAsync(new UriBuilder(hub.Url) { Scheme = "ws", Path = "/hubs/alarms" }.Uri, CancellationToken.None);
        await console.SendAsync("""{"protocol":"json","version":1}""");
        await console.SendAsync("""{"type":1,"invocationId":"1","target":"Subscribe","arguments":[null]}""");
        console._reading = console.ReadAsync();
        return console;
    }

    public static string TextAfter(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var at = json.IndexOf(name);
        if (at < 0)
        {
            return "";
        }

        var rest = json[(at + name.Length)..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'"')]);
    }

    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        int used = 0, looked = 0;
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveAsync(buffer.AsMemory(used), _ended.Token);
                var now = Stopwatch.GetTimestamp();
                used += got.Count;
                var at = 0;
                while (buffer.AsSpan(Math.Max(at, looked), used - Math.Max(at, looked)).IndexOf(RecordSeparator) is var found and >= 0)
                {
                    var end = Math.Max(at, looked) + found;
                    Take(buffer.AsSpan(at, end - at), now);
                    at = looked = end + 1;
                }

                buffer.AsSpan(at, used - at).CopyTo(buffer);
                used -= at;
                looked = used;
                if (_asked)
                {
                    _asked = false;
                    Resumed++;
                    await SendAsync($$"""{"type":1,"invocationId":"2","target":"Subscribe","arguments":[{"epoch":"{{_epoch}}","seq":{{_seq}}}]}""");
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The run is over.
        }
    }

    private void Take(ReadOnlySpan<byte> record, long now)
    {
        if (record.StartsWith("{\"type\":3"u8))
        {
            _epoch = TextAfter(record, "\"epoch\":\""u8);
            _seq = NumberAfter(record, "\"seq\":"u8);
            var rest = record[Math.Max(0, record.IndexOf("\"alarms\":["u8))..];
            while (rest.IndexOf("{\"id\":\""u8) is var next and >= 0)
            {
                rest = rest[next..];
                if (rest.IndexOf("\"version\":"u8) is > 0 and < 100)
                {
                    _seen(now, rest);
                }

                rest = rest[7..];
            }
        }
        else if (record.IndexOf("\"target\":\"delta\""u8) >= 0)
        {
            var seq = NumberAfter(record, "\"seq\":"u8);
            _asked |= seq > _seq + 1;
            _seq = Math.Max(seq, _seq);
            _seen(now, record);
        }
        else if (record.IndexOf("\"target\":\"heartbeat\""u8) >= 0)
        {
            _asked |= NumberAfter(record, "\"seq\":"u8) > _seq;
        }
    }

    private static long NumberAfter(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var at = json.IndexOf(name);
        var number = 0L;
        for (var next = at + name.Length; at >= 0 && next < json.Length && json[next] is >= (byte)'0' and <= (byte)'9'; next++)
        {
            number = (number * 10) + json[next] - '0';
        }

        return number;
    }

    private Task SendAsync(string json) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(json + (char)RecordSeparator), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public void Dispose()
    {
        _socket.Dispose();
        _ended.Dispose();
    }
}
