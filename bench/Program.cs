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
    ["storm", .. var rest] => await CityComparison.StormAsync(Number(rest, "--rounds", 3)),
    ["overload", .. var rest] => await CityComparison.OverloadAsync(TimeSpan.FromSeconds(Number(rest, "--seconds", 20))),
    ["startup", .. var rest] => await CityComparison.StartUpAsync(Number(rest, "--devices", 1_000_000), Number(rest, "--alarms", 100_000)),
    ["metrics"] => MetricsCost.Run(),
    ["city", .. var rest] => await CityComparison.RunAsync(Option(rest, "--output")),
    ["flood", var port, var user, var secret, var qos, var rate, var seconds] => await Flood.RunAsync(
        int.Parse(port, CultureInfo.InvariantCulture),
        user,
        secret,
        int.Parse(qos, CultureInfo.InvariantCulture),
        double.Parse(rate, CultureInfo.InvariantCulture),
        double.Parse(seconds, CultureInfo.InvariantCulture)),
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

static int Number(string[] arguments, string name, int otherwise) => int.Parse(Option(arguments, name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

static string? Option(string[] arguments, string name)
{
    var at = Array.IndexOf(arguments, name);
    return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
}

static int Usage()
{
    Console.Error.WriteLine("usage: broker PORT | compare [--only fanin,q1w10,q1w1,fanout,connect,idle,open] [--rounds N] [--seconds S] [--output FILE.md]\n       pipeline [--rounds N] [--seconds S] [--output FILE.md]\n       telemetry [--only acknowledged,influx,drain] [--rounds N] [--seconds S] [--output FILE.md]\n       storm [--rounds N] | overload [--seconds S] | startup [--devices N] [--alarms N] | city [--output FILE.md] (all three) | metrics\n       embedded [--devices N] [--days D] [--directory NEW]");
    return 2;
}
