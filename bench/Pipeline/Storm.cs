using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// Ten thousand smoke detectors, each with a connection of its own, go off within one second at their due times (open loop), ten in each
/// site. Counted from the first due time: until the last is acknowledged, which is after its commit; until the last is on a console; until
/// every site's alarms are one incident there.
/// </summary>
internal static class Storm
{
    private const int Detectors = 10_000;
    private const int PerSite = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<string> RunAsync(HubUnderLoad hub)
    {
        var queue = new Queue();
        using var console = await BenchConsole.ConnectAsync(hub, queue.Take);
        var acknowledged = new long[Detectors];
        var clients = await ConnectAsync(hub.Subject.Port);
        var reading = clients.Select((client, index) => AcknowledgeAsync(client, index, acknowledged)).ToArray();
        var packets = Enumerable.Range(0, Detectors).Select(index => SignalPacket.Of(Name(index), "signal", $$"""{"id":"storm-{{index}}","type":"smoke"}""", 1)).ToArray();

        // In an order that touches every site early, as a power failure does and a fire does not.
        var order = Enumerable.Range(0, Detectors).Select(n => (n % (Detectors / PerSite) * PerSite) + (n / (Detectors / PerSite))).ToArray();
        var cpu = hub.Subject.CpuSeconds;
        var start = Stopwatch.GetTimestamp();
        var thread = new Thread(() => SendAll(clients, packets, order, start));
        thread.Start();
        await Task.Run(thread.Join);
        var sent = Stopwatch.GetElapsedTime(start);
        var deadline = Stopwatch.StartNew();
        while (deadline.Elapsed < Patience && (Array.Exists(acknowledged, at => at == 0) || queue.Grouped is null))
        {
            await Task.Delay(20);
        }

        cpu = hub.Subject.CpuSeconds - cpu;
        await console.EndAsync();
        clients.ForEach(client => client.Dispose());
        await Task.WhenAll(reading);
        string Since(long? at) => at is > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start, at.Value).TotalSeconds:0.00} s") : "never";
        return string.Create(CultureInfo.InvariantCulture,
            $"sent in {sent.TotalSeconds:0.00} s; all acknowledged after {Since(Array.Exists(acknowledged, at => at == 0) ? null : acknowledged.Max())}, on a console after {Since(queue.Complete)}, grouped after {Since(queue.Grouped)}; missing {Detectors - queue.Count}; {console.Resumed} snapshots; {cpu:0.0} CPU s of the hub");
    }

    private static string Name(int index) => $"d{index:00000}";

    private static async Task<List<LoadClient>> ConnectAsync(int port)
    {
        var clients = new List<LoadClient>();
        foreach (var some in Enumerable.Range(0, Detectors).Chunk(200))
        {
            clients.AddRange(await Task.WhenAll(some.Select(index => LoadClient.ConnectAsync(port, Name(index), 64, (Name(index), HubUnderLoad.SecretOf(index))))));
        }

        return clients;
    }

    private static async Task AcknowledgeAsync(LoadClient client, int index, long[] acknowledged)
    {
        try
        {
            while (acknowledged[index] == 0 && await client.ReadAsync((header, _) => acknowledged[index] = header == 0x40 ? Stopwatch.GetTimestamp() : 0))
            {
            }
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private static void SendAll(List<LoadClient> clients, byte[][] packets, int[] order, long start)
    {
        for (var n = 0; n < order.Length; n++)
        {
            var due = start + (n * Stopwatch.Frequency / order.Length);
            Pace.Until(due);

            clients[order[n]].Socket.Send(packets[order[n]]);
        }
    }

    /// <summary>What the console shows.</summary>
    private sealed class Queue
    {
        private readonly ConcurrentDictionary<string, (string Site, string Incident)> _alarms = new(StringComparer.Ordinal);

        public long? Complete { get; private set; }

        public long? Grouped { get; private set; }

        public int Count => _alarms.Count;

        public void Take(long at, ReadOnlySpan<byte> alarm)
        {
            if (BenchConsole.TextAfter(alarm, "\"kind\":\""u8) != "smoke")
            {
                return;
            }

            _alarms[BenchConsole.TextAfter(alarm, "\"device\":{\"id\":\""u8)] = (BenchConsole.TextAfter(alarm, "\"site\":{\"id\":\""u8), BenchConsole.TextAfter(alarm, "\"incidentId\":\""u8));
            if (_alarms.Count < Detectors)
            {
                return;
            }

            Complete ??= at;
            Grouped ??= _alarms.Values.Distinct().Count() == Detectors / PerSite ? at : null;
        }
    }
}
