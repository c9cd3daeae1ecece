using System.Diagnostics;
using System.Globalization;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// Telemetry at a fixed rate whatever the hub answers, from a process of its own: what cannot be sent because the connection takes no
/// more waits in the sender, as it would in devices. Rate 0 sends as fast as the hub takes it, which is how its capacity is found.
/// </summary>
internal static class Flood
{
    private const int Connections = 50;
    private const int Burst = 20;

    public static async Task<int> RunAsync(int port, string user, string secret, int qos, double rate, double seconds)
    {
        var clients = new List<LoadClient>();
        for (var index = 0; index < Connections; index++)
        {
            clients.Add(await LoadClient.ConnectAsync(port, $"flood{index}", 64 * 1024, (user, secret)));
        }

        long taken = 0;
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(seconds * Stopwatch.Frequency);
        await Task.WhenAll(clients.Select((client, index) => Task.Run(() => SendAsync(client, index, qos, rate / Connections, start, until, count => Interlocked.Add(ref taken, count)))));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{taken / seconds:0}"));
        clients.ForEach(client => client.Dispose());
        return 0;
    }

    private static async Task SendAsync(LoadClient client, int connection, int qos, double rate, long start, long until, Action<int> count)
    {
        // 400 devices for each connection in turn, so that no device goes beyond its budget.
        var bursts = Enumerable.Range(0, 400 / Burst).Select(burst => Enumerable.Range(0, Burst)
            .SelectMany(n => SignalPacket.Of($"d{(connection * 400) + (burst * Burst) + n:00000}", "reading", """{"values":{"heart_rate":71,"temperature":23.4}}""", (ushort)(n + 1), qos)).ToArray()).ToArray();
        var unacknowledged = 0;
        var reading = Task.Run(async () =>
        {
            try
            {
                while (await client.ReadAsync((header, _) =>
                {
                    if (header == 0x40)
                    {
                        Interlocked.Decrement(ref unacknowledged);
                        if (Stopwatch.GetTimestamp() < until)
                        {
                            count(1);
                        }
                    }
                }))
                {
                }
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
            {
                // The run is over.
            }
        });
        var sent = 0L;
        while (Stopwatch.GetTimestamp() is var now && now < until)
        {
            var isDue = rate <= 0 ? Volatile.Read(ref unacknowledged) < 200 : sent < rate * (now - start) / Stopwatch.Frequency;
            if (!isDue)
            {
                await Task.Delay(1);
                continue;
            }

            Interlocked.Add(ref unacknowledged, qos > 0 ? Burst : 0);
            using var ended = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(0.001, (until - now) / (double)Stopwatch.Frequency)));
            try
            {
                await client.Socket.SendAsync(bursts[sent / Burst % bursts.Length], ended.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            sent += Burst;
            if (qos == 0)
            {
                count(Burst);
            }
        }

        client.Dispose();
        await reading;
    }
}
