using System.Globalization;
using System.Text;
using CareHub.Bench.Load;
using CareHub.Bench.Pipeline;

namespace CareHub.Bench.Telemetry;

/// <summary>Readings: acknowledged when durable, beside mosquitto, which keeps nothing; and on to InfluxDB.</summary>
internal static class TelemetryComparison
{
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
                Console.Error.WriteLine($"readings acknowledged: carehub {Show(hubs[^1])}, status {(await hub.StatusAsync()).GetProperty("spool")}");
            }

            using var mosquitto = await Subject.StartAsync("mosquitto", port + 5);
            peers.Add(await ReadingLoad.RunAsync(mosquitto, null, duration));
            Console.Error.WriteLine($"readings acknowledged: mosquitto {Show(peers[^1])}");
        }

        var ratio = Median(hubs.Select(each => each.PerCpuSecond)) / Median(peers.Select(each => each.PerCpuSecond));
        table.Append(CultureInfo.InvariantCulture, $"| readings acknowledged, 200 × window 10 | {Show(hubs)} | mosquitto, volatile: {Show(peers)} | {ratio:0.00} |\n");
    }

    private static string Show(Figure figure) => string.Create(CultureInfo.InvariantCulture, $"{figure.PerCpuSecond / 1000:0.0} k/CPU-s, {figure.PerSecond / 1000:0.0} k/s");

    private static string Show(List<Figure> figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median(figures.Select(each => each.PerCpuSecond)) / 1000:0.0} k/CPU-s ({figures.Min(each => each.PerCpuSecond) / 1000:0.0} to {figures.Max(each => each.PerCpuSecond) / 1000:0.0}), {Median(figures.Select(each => each.PerSecond)) / 1000:0.0} k/s");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
