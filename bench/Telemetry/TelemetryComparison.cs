using System.Diagnostics;
using System.Globalization;
using System.Text;
using CareHub.Bench.Load;
using CareHub.Bench.Pipeline;

namespace CareHub.Bench.Telemetry;

/// <summary>Readings: acknowledged when durable, beside mosquitto, which keeps nothing; and on to InfluxDB.</summary>
internal static class TelemetryComparison
{
    /// <summary>An hour at 5,000 a second.</summary>
    private const int HourReadings = 18_000_000;

    /// <summary>What the simplest writer gets to do.</summary>
    private const int PreparedReadings = 3_000_000;

    /// <summary>Part of a processor that forwarding may take; the hub's default.</summary>
    private const double DrainShare = 0.25;

    /// <summary>The load is one service's, so that its devices' budgets are not what is measured.</summary>
    private static readonly Dictionary<string, string> NoBudgets = new(StringComparer.Ordinal)
    {
        ["CareHub__Mqtt__Limits__TelemetryBurst"] = "1000000",
        ["CareHub__Mqtt__Limits__TelemetryPerSecond"] = "1000000",
    };

    public static async Task<int> RunAsync(int rounds, double seconds, string? only, string? output)
    {
        var duration = TimeSpan.FromSeconds(seconds);
        var table = new StringBuilder("| work | carehub | peer | ratio per CPU second |\n| --- | --- | --- | --- |\n");
        var works = (only ?? "acknowledged,influx,drain").Split(',');
        if (works.Contains("acknowledged"))
        {
            await AcknowledgedAsync(rounds, duration, table);
        }

        if (works.Contains("influx"))
        {
            await ToInfluxAsync(rounds, duration, table);
        }

        if (works.Contains("drain"))
        {
            await DrainAsync(table);
        }

        Console.WriteLine(table);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, table.ToString());
        }

        return 0;
    }

    private static async Task AcknowledgedAsync(int rounds, TimeSpan duration, StringBuilder table)
    {
        var (hubs, peers) = (new List<Figure>(), new List<Figure>());
        var port = 23_000;
        for (var round = 0; round < rounds; round++, port += 10)
        {
            using (var hub = await HubUnderLoad.StartAsync(port, NoBudgets))
            {
                hubs.Add(await ReadingLoad.RunAsync(hub.Subject, hub.Service, duration));
                Console.Error.WriteLine($"readings acknowledged: carehub {Figure.Show(hubs[^1])}, status {(await hub.StatusAsync()).GetProperty("spool")}");
            }

            using var mosquitto = await Subject.StartAsync("mosquitto", port + 5);
            peers.Add(await ReadingLoad.RunAsync(mosquitto, null, duration));
            Console.Error.WriteLine($"readings acknowledged: mosquitto {Figure.Show(peers[^1])}");
        }

        var ratio = Figure.Median(hubs.Select(each => each.PerCpuSecond)) / Figure.Median(peers.Select(each => each.PerCpuSecond));
        table.Append(CultureInfo.InvariantCulture, $"| readings acknowledged, 200 × window 10 | {Figure.Show(hubs)} | mosquitto, volatile: {Figure.Show(peers)} | {ratio:0.00} |\n");
    }

    /// <summary>Load for a time, then wait until all of it is where it belongs: what was done, for all the processor time it took.</summary>
    private static async Task ToInfluxAsync(int rounds, TimeSpan duration, StringBuilder table)
    {
        var (hubs, peers) = (new List<Figure>(), new List<Figure>());
        var port = 24_000;
        for (var round = 0; round < rounds; round++, port += 20)
        {
            using (var influx = new InfluxServer(port + 10))
            {
                await influx.StartAsync();
                using var hub = await HubUnderLoad.StartAsync(port, With(influx, share: 1));
                hubs.Add(await AllOfItAsync(hub, duration, influx));
                Console.Error.WriteLine($"socket to InfluxDB: carehub {Figure.Show(hubs[^1])}");
            }

            using (var influx = new InfluxServer(port + 10))
            {
                await influx.StartAsync();
                await influx.CreateAsync("node");
                peers.Add(await NodeAsync(port + 5, influx, duration));
                Console.Error.WriteLine($"socket to InfluxDB: mosquitto and Node.js {Figure.Show(peers[^1])}");
            }
        }

        var ratio = Figure.Median(hubs.Select(each => each.PerCpuSecond)) / Figure.Median(peers.Select(each => each.PerCpuSecond));
        table.Append(CultureInfo.InvariantCulture, $"| readings, socket → InfluxDB, all settled | {Figure.Show(hubs)} | mosquitto + Node.js: {Figure.Show(peers)} | {ratio:0.00} |\n");
    }

    private static async Task<Figure> AllOfItAsync(HubUnderLoad hub, TimeSpan duration, InfluxServer influx)
    {
        // A first run until the runtime has compiled what runs often.
        await ReadingLoad.RunAsync(hub.Subject, hub.Service, duration);
        await SettledAsync(hub);
        var before = await influx.CountAsync(InfluxServer.Database);
        var (cpu, start) = (hub.Subject.CpuSeconds, Stopwatch.GetTimestamp());
        await ReadingLoad.RunAsync(hub.Subject, hub.Service, duration, warmUp: TimeSpan.Zero);
        var forwarded = await SettledAsync(hub);
        var (spent, seconds) = (hub.Subject.CpuSeconds - cpu, Stopwatch.GetElapsedTime(start).TotalSeconds);
        var stored = await influx.CountAsync(InfluxServer.Database) - before;
        Console.Error.WriteLine($"  {forwarded} forwarded in all, {stored} more in InfluxDB, {spent:0.0} CPU s of the hub, {influx.CpuSeconds:0.0} of influxd");
        return new Figure(stored / spent, stored / seconds);
    }

    /// <summary>Until everything is in both stores; returns how many readings InfluxDB has confirmed.</summary>
    private static async Task<long> SettledAsync(HubUnderLoad hub)
    {
        while (true)
        {
            await Task.Delay(200);
            var status = await hub.StatusAsync();
            var influx = status.GetProperty("influx");
            if (influx.GetProperty("readingsWaiting").GetInt64() + status.GetProperty("spool").GetProperty("notApplied").GetInt64() == 0)
            {
                return influx.GetProperty("readingsForwarded").GetInt64();
            }
        }
    }

    private static async Task<Figure> NodeAsync(int port, InfluxServer influx, TimeSpan duration)
    {
        using var mosquitto = await Subject.StartAsync("mosquitto", port);
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(HubUnderLoad.Root(), "bench/Telemetry/forwarder.mjs"), port.ToString(CultureInfo.InvariantCulture), influx.Url]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await node.StandardOutput.ReadLineAsync();
        var (cpu, start) = (mosquitto.CpuSeconds, Stopwatch.GetTimestamp());
        await ReadingLoad.RunAsync(mosquitto, null, duration);
        // What the forwarder had no time for is in mosquitto's queue; it is waited for.
        long stored = 0, before;
        do
        {
            before = stored;
            await Task.Delay(3_000);
            stored = await influx.CountAsync("node");
        }
        while (stored > before);

        node.Refresh();
        var (spent, seconds) = (mosquitto.CpuSeconds - cpu + node.TotalProcessorTime.TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        node.Kill();
        return new Figure(stored / spent, stored / seconds);
    }

    /// <summary>A backlog from an outage, and what it does to alarms while it is worked off; beside the simplest writer there is.</summary>
    private static async Task DrainAsync(StringBuilder table)
    {
        using var influx = new InfluxServer(25_010);
        using var hub = await HubUnderLoad.StartAsync(25_000, With(influx, DrainShare));
        while ((await hub.StatusAsync()).GetProperty("influx").GetProperty("readingsWaiting").GetInt64() < HourReadings)
        {
            await ReadingLoad.RunAsync(hub.Subject, hub.Service, TimeSpan.FromSeconds(3), warmUp: TimeSpan.Zero);
        }

        while ((await hub.StatusAsync()).GetProperty("spool").GetProperty("notApplied").GetInt64() > 0)
        {
            await Task.Delay(500);
        }

        var quiet = await PressToConsole.RunAsync(hub, 100, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(25));
        await influx.StartAsync();
        await influx.CreateAsync(InfluxServer.Database);
        var backlog = await ForwardedAsync(hub, atLeast: 1);
        var (cpu, start) = (hub.Subject.CpuSeconds, Stopwatch.GetTimestamp());
        var during = PressToConsole.RunAsync(hub, 100, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(25), firstDevice: 10_000);
        long waiting;
        do
        {
            await Task.Delay(100);
            waiting = (await hub.StatusAsync()).GetProperty("influx").GetProperty("readingsWaiting").GetInt64();
        }
        while (waiting > 0);
        var (seconds, spent) = (Stopwatch.GetElapsedTime(start).TotalSeconds, hub.Subject.CpuSeconds - cpu);
        var drained = await ForwardedAsync(hub, 1) - backlog;
        var outlasted = !during.IsCompleted;
        var disturbed = await during;

        var batches = Enumerable.Range(0, PreparedReadings / 5_000).Select(batch => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5_000).Select(line =>
            $"readings,device=d{((batch * 5_000) + line) % 20_000:00000},kind=smoke_detector,name=heart_rate,region=unassigned,site=s{((batch * 500) + (line / 10)) % 2_000:0000} value={60 + (line % 40)} {1_790_000_000_000_000_000 + (batch * 1_000_000L) + line}\n")))).ToList();
        var writer = batches.Count * 5_000 / await influx.WritePreparedAsync(batches);
        table.Append(CultureInfo.InvariantCulture, $"| backlog of {drained / 1e6:0.0} M readings drained, share of a processor {DrainShare} | {drained / seconds / 1000:0} k/s, {drained / spent / 1000:0} k/CPU-s, {seconds:0} s | prepared batches: {writer / 1000:0} k/s | {drained / seconds / writer:0.00} (per second) |\n");
        table.Append(CultureInfo.InvariantCulture, $"| press → SignalR frame, 100/s, before and during{(outlasted ? " (and after: the backlog was too small)" : "")} | {quiet}; {disturbed} | | |\n");
    }

    private static async Task<long> ForwardedAsync(HubUnderLoad hub, long atLeast)
    {
        while (true)
        {
            var forwarded = (await hub.StatusAsync()).GetProperty("influx").GetProperty("readingsForwarded").GetInt64();
            if (forwarded >= atLeast)
            {
                return forwarded;
            }

            await Task.Delay(50);
        }
    }

    private static Dictionary<string, string> With(InfluxServer influx, double share) => new(NoBudgets, StringComparer.Ordinal)
    {
        ["CareHub__Influx__Url"] = influx.Url,
        ["CareHub__Influx__Database"] = InfluxServer.Database,
        ["CareHub__Influx__DrainShare"] = share.ToString(CultureInfo.InvariantCulture),
    };
}
