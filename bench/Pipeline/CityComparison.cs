using System.Globalization;
using System.Text;

namespace CareHub.Bench.Pipeline;

/// <summary>What a city asks of a hub: a storm, telemetry beyond what the machine can take, and a start with everything registered.</summary>
internal static class CityComparison
{
    private const int FirstPort = 23_100;

    public static async Task<int> RunAsync(string? output)
    {
        var table = new StringBuilder("| work | figure | aim |\n| --- | --- | --- |\n");
        table.Append(CultureInfo.InvariantCulture, $"| 10,000 detectors in one second | {string.Join("; ", await StormsAsync(3))} | settled in 2 s |\n");
        foreach (var (name, figure) in await OverloadsAsync(TimeSpan.FromSeconds(20)))
        {
            table.Append(CultureInfo.InvariantCulture, $"| press → SignalR frame, {name} | {figure} | p99 under 100 ms, none missing |\n");
        }

        table.Append(CultureInfo.InvariantCulture, $"| start | {await StartUpRun.RunAsync(FirstPort, 1_000_000, 100_000)} | 5 s, 300 B for each device |\n");
        Console.WriteLine(table);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, table.ToString());
        }

        return 0;
    }

    public static async Task<int> StormAsync(int rounds)
    {
        await StormsAsync(rounds);
        return 0;
    }

    public static async Task<int> OverloadAsync(TimeSpan duration)
    {
        await OverloadsAsync(duration);
        return 0;
    }

    public static async Task<int> StartUpAsync(int devices, int alarms)
    {
        Console.WriteLine(await StartUpRun.RunAsync(FirstPort, devices, alarms));
        return 0;
    }

    private static async Task<List<string>> StormsAsync(int rounds)
    {
        var figures = new List<string>();
        for (var round = 0; round < rounds; round++)
        {
            using var hub = await HubUnderLoad.StartAsync(FirstPort + (round * 2));
            figures.Add(await Storm.RunAsync(hub));
            Console.Error.WriteLine($"storm: {figures[^1]}");
        }

        return figures;
    }

    private static async Task<List<(string Name, string Figure)>> OverloadsAsync(TimeSpan duration)
    {
        var capacity = await Overload.CapacityAsync(FirstPort + 20);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"telemetry kept and acknowledged: {capacity:0} messages/s"));
        var figures = new List<(string, string)>();
        var port = FirstPort + 30;
        foreach (var (name, qos, rate) in new[] { ("telemetry QoS 0 at twice what can be kept", 0, 2 * capacity), ("telemetry QoS 1 at twice what can be kept", 1, 2 * capacity) })
        {
            figures.Add((name, await Overload.RunAsync(port += 2, qos, rate, duration)));
            Console.Error.WriteLine($"press to console, {name}: {figures[^1].Item2}");
        }

        return figures;
    }
}
