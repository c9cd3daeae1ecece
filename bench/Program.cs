using System.Globalization;
using CareHub.Bench;
using CareHub.Bench.Load;
using CareHub.Bench.Pipeline;
using CareHub.Bench.Telemetry;

return args switch
{
    ["broker", var port] => await BrokerHost.RunAsync(int.Parse(port, CultureInfo.InvariantCulture)),
    ["compare", .. var rest] => await Comparison.RunAsync(
        Option(rest, "--only"),
        int.Parse(Option(rest, "--rounds") ?? "3", CultureInfo.InvariantCulture),
        double.Parse(Option(rest, "--seconds") ?? "5", CultureInfo.InvariantCulture),
        Option(rest, "--output")),
    ["pipeline", .. var rest] => await PipelineComparison.RunAsync(
        int.Parse(Option(rest, "--rounds") ?? "3", CultureInfo.InvariantCulture),
        double.Parse(Option(rest, "--seconds") ?? "8", CultureInfo.InvariantCulture),
        Option(rest, "--output")),
    ["embedded", .. var rest] => await EmbeddedFill.RunAsync(
        int.Parse(Option(rest, "--devices") ?? "1000", CultureInfo.InvariantCulture),
        double.Parse(Option(rest, "--days") ?? "1", CultureInfo.InvariantCulture),
        Option(rest, "--directory")),
    ["telemetry", .. var rest] => await TelemetryComparison.RunAsync(
        int.Parse(Option(rest, "--rounds") ?? "3", CultureInfo.InvariantCulture),
        double.Parse(Option(rest, "--seconds") ?? "8", CultureInfo.InvariantCulture),
        Option(rest, "--only"),
        Option(rest, "--output")),
    _ => Usage(),
};

static string? Option(string[] arguments, string name)
{
    var at = Array.IndexOf(arguments, name);
    return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
}

static int Usage()
{
    Console.Error.WriteLine("usage: broker PORT | compare [--only fanin,q1w10,q1w1,fanout,connect,idle,open] [--rounds N] [--seconds S] [--output FILE.md]\n       pipeline [--rounds N] [--seconds S] [--output FILE.md]\n       telemetry [--only acknowledged,influx,drain,backlog] [--rounds N] [--seconds S] [--output FILE.md]\n       embedded [--devices N] [--days D] [--directory NEW]");
    return 2;
}
