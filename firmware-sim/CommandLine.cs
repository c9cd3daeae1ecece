using System.CommandLine;
using System.CommandLine.Parsing;
using CareHub.Simulator.Scenarios;

namespace CareHub.Simulator;

/// <summary>The options of <c>carehub-sim</c>. All errors are reported at once, by System.CommandLine.</summary>
internal static class CommandLine
{
    private static readonly Option<int?> Devices = Positive(new Option<int?>("--devices") { Description = "How many devices; all of the list by default" });
    private static readonly Option<string> ScenarioName = new("--scenario") { Description = "quiet, day or storm", DefaultValueFactory = _ => "day" };
    private static readonly Option<double> Speed = new("--speed") { Description = "Simulated seconds in one of ours", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Seed = new("--seed") { Description = "The same seed is the same day", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Host = new("--host") { Description = "Where the hub listens", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<int> Port = new("--port") { Description = "Its MQTT port", DefaultValueFactory = _ => 1883 };
    private static readonly Option<FileInfo?> Credentials = new("--credentials") { Description = "CSV device_id,kind,site_id,secret; without it devices are made up and send no password" };
    private static readonly Option<double?> Duration = new("--duration") { Description = "Seconds until the end; without it Ctrl-C ends the run" };
    private static readonly Option<bool> Plain = new("--plain") { Description = "Lines instead of a live picture, also when the output is not a terminal" };
    private static readonly Option<string?> RunId = new("--run-id") { Description = "Makes signal ids replayable; every run has its own by default" };

    public static RootCommand Create(Func<SimulatorOptions, CancellationToken, Task<int>> run)
    {
        ScenarioName.AcceptOnlyFromAmong([.. Scenario.All.Select(scenario => scenario.Name)]);
        Speed.Validators.Add(result => Check(result, result.GetValueOrDefault<double>() is > 0 and <= 1_000, "must be above 0 and at most 1000"));
        Port.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() is > 0 and <= 65_535, "must be a port number"));
        Duration.Validators.Add(result => Check(result, result.GetValueOrDefault<double?>() is null or > 0, "must be above 0"));
        Credentials.Validators.Add(result => Check(result, result.GetValueOrDefault<FileInfo?>() is null or { Exists: true }, "names no file that exists"));

        var root = new RootCommand("Simulates the devices of a city against a CareHub. Ends with 0 when everything that was sent was acknowledged, else with 1.")
        {
            Devices, ScenarioName, Speed, Seed, Host, Port, Credentials, Duration, Plain, RunId,
        };
        root.SetAction((parsed, stop) => run(Read(parsed), stop));
        return root;
    }

    private static SimulatorOptions Read(ParseResult parsed) => new(
        parsed.GetValue(Devices),
        Scenario.All.First(scenario => scenario.Name == parsed.GetValue(ScenarioName)),
        parsed.GetValue(Speed),
        parsed.GetValue(Seed),
        parsed.GetValue(Host)!,
        parsed.GetValue(Port),
        parsed.GetValue(Credentials),
        parsed.GetValue(Duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        parsed.GetValue(Plain) || Console.IsOutputRedirected,
        parsed.GetValue(RunId) ?? Guid.NewGuid().ToString("N"));

    private static Option<int?> Positive(Option<int?> option)
    {
        option.Validators.Add(result => Check(result, result.GetValueOrDefault<int?>() is null or > 0, "must be at least 1"));
        return option;
    }

    private static void Check(OptionResult result, bool fine, string rule)
    {
        if (!fine)
            result.AddError($"{result.Option.Name} {rule}.");
    }
}
