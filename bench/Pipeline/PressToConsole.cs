using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// From the moment a press was due to the SignalR frame that shows it, at a fixed rate whatever the answers (no coordinated
/// omission). Durable: the frame leaves after the commit. What comes in the warm-up, the console's sign-in and the
/// compiler's among it, is not counted.
/// </summary>
internal static class PressToConsole
{
    private const byte RecordSeparator = 0x1E;

    public static async Task<string> RunAsync(HubUnderLoad hub, int rate, TimeSpan warmUp, TimeSpan duration, int firstDevice = 0)
    {
        var warm = (int)(rate * warmUp.TotalSeconds);
        var due = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var samples = new List<double>();
        using var console = new ClientWebSocket();
        console.Options.SetRequestHeader("Cookie", await hub.SignInAsync());
        await console.ConnectAsync(new UriBuilder(hub.Url) { Scheme = "ws", Path = "/hubs/alarms" }.Uri, CancellationToken.None);
        await SendAsync(console, """{"protocol":"json","version":1}""");
        await SendAsync(console, """{"type":1,"invocationId":"1","target":"Subscribe","arguments":[null]}""");
        using var ended = new CancellationTokenSource();
        var reading = ReadAsync(console, due, samples, ended.Token);

        using var publisher = await LoadClient.ConnectAsync(hub.Subject.Port, "press", credentials: hub.Service);
        _ = DrainAsync(publisher);
        var measured = (int)(rate * duration.TotalSeconds);
        var thread = new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var n = 0; n < warm + measured; n++)
            {
                var at = start + ((long)n * Stopwatch.Frequency / rate);
                while (Stopwatch.GetTimestamp() is var now && now < at)
                {
                    if (at - now > Stopwatch.Frequency / 5_000)
                    {
                        Thread.Sleep(TimeSpan.FromMicroseconds(100));
                    }
                }

                // A device of its own for each press, so that each is an alarm of its own.
                var device = $"d{firstDevice + n:00000}";
                if (n >= warm)
                {
                    due[device] = at;
                }

                publisher.Socket.Send(Press(device, (ushort)((n % 65_535) + 1)));
            }
        });
        thread.Start();
        await Task.Run(thread.Join);
        for (var wait = 0; wait < 100 && Count(samples) < measured; wait++)
        {
            await Task.Delay(100);
        }

        await ended.CancelAsync();
        await reading;
        var sorted = samples.Order().ToArray();
        double At(double quantile) => sorted[(int)Math.Min(sorted.Length - 1, quantile * sorted.Length)];
        return sorted.Length == 0 ? "none arrived" : $"p50 {At(0.5):0.00} ms, p99 {At(0.99):0.00} ms, p99.9 {At(0.999):0.00} ms, missing {measured - sorted.Length} of {measured}";
    }

    private static int Count(List<double> samples)
    {
        lock (samples)
        {
            return samples.Count;
        }
    }

    private static byte[] Press(string device, ushort id)
    {
        var topic = Encoding.ASCII.GetBytes($"care/v1/{device}/signal");
        var payload = Encoding.ASCII.GetBytes($$"""{"id":"press-{{device}}","type":"button"}""");
        var packet = new byte[2 + 2 + topic.Length + 2 + payload.Length];
        packet[0] = 0x32;
        packet[1] = (byte)(packet.Length - 2);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)topic.Length);
        topic.CopyTo(packet, 4);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4 + topic.Length), id);
        payload.CopyTo(packet, 6 + topic.Length);
        return packet;
    }

    private static async Task DrainAsync(LoadClient client)
    {
        try
        {
            while (await client.ReadAsync(static (_, _) => { }))
            {
            }
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private static async Task ReadAsync(ClientWebSocket console, ConcurrentDictionary<string, long> due, List<double> samples, CancellationToken ended)
    {
        var buffer = new byte[256 * 1024];
        var used = 0;
        try
        {
            while (true)
            {
                var got = await console.ReceiveAsync(buffer.AsMemory(used), ended);
                var now = Stopwatch.GetTimestamp();
                used += got.Count;
                var at = 0;
                while (buffer.AsSpan(at, used - at).IndexOf(RecordSeparator) is var end and >= 0)
                {
                    Take(buffer.AsSpan(at, end), now, due, samples);
                    at += end + 1;
                }

                buffer.AsSpan(at, used - at).CopyTo(buffer);
                used -= at;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The run is over.
        }
    }

    private static void Take(ReadOnlySpan<byte> record, long now, ConcurrentDictionary<string, long> due, List<double> samples)
    {
        var device = record.IndexOf("\"device\":{\"id\":\""u8);
        if (record.IndexOf("\"delta\""u8) < 0 || device < 0)
        {
            return;
        }

        var id = Encoding.ASCII.GetString(record.Slice(device + 16, 6));
        if (due.TryRemove(id, out var at))
        {
            lock (samples)
            {
                samples.Add(Stopwatch.GetElapsedTime(at, now).TotalMilliseconds);
            }
        }
    }

    private static Task SendAsync(ClientWebSocket console, string json) =>
        console.SendAsync(Encoding.UTF8.GetBytes(json + (char)RecordSeparator), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
}
