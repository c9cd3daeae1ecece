using System.Globalization;
using System.Text;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>The whole hub, durable, beside mosquitto, which is not, with the same signals from the same generator.</summary>
internal static class PipelineComparison
{
    private const int PressesPerSecond = 100;

    public static async Task<int> RunAsync(int rounds, double seconds, string? output)
    {
        var duration = TimeSpan.FromSeconds(seconds);
        var hubs = new List<Figure>();
        var peers = new List<Figure>();
        var presses = new List<string>();
        var port = 22_000;
        for (var round = 0; round < rounds; round++, port += 10)
        {
            using (var hub = await HubUnderLoad.StartAsync(port))
            {
                hubs.Add(await SignalLoad.RunAsync(hub.Subject, hub.Service, duration));
                Console.Error.WriteLine($"signals: carehub {Figure.Show(hubs[^1])}");
            }

            using (var mosquitto = await Subject.StartAsync("mosquitto", port + 5))
            {
                peers.Add(await SignalLoad.RunAsync(mosquitto, null, duration));
                Console.Error.WriteLine($"signals: mosquitto {Figure.Show(peers[^1])}");
            }

            using var quiet = await HubUnderLoad.StartAsync(port + 7);
            presses.Add(await PressToConsole.RunAsync(quiet, PressesPerSecond, TimeSpan.FromSeconds(10), duration));
            Console.Error.WriteLine($"press to console: {presses[^1]}");
        }

        var table = new StringBuilder("| work | carehub, durable | mosquitto, volatile | ratio per CPU second |\n| --- | --- | --- | --- |\n");
        var ratio = Figure.Median(hubs.Select(each => each.PerCpuSecond)) / Figure.Median(peers.Select(each => each.PerCpuSecond));
        table.Append(CultureInfo.InvariantCulture, $"| signals acknowledged, 200 × window 10 | {Figure.Show(hubs)} | {Figure.Show(peers)} | {ratio:0.00} |\n");
        table.Append(CultureInfo.InvariantCulture, $"| press → SignalR frame, {PressesPerSecond}/s open loop | {string.Join("; ", presses)} | | |\n");
        Console.WriteLine(table);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, table.ToString());
        }

        return 0;
    }
}
