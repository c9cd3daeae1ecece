using System.CommandLine;
using CareHub.Server.Ingest;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Forwarding;
using CareHub.Storage.Telemetry.Influx;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Server.Commands;

/// <summary><c>carehub influx-refill</c>: an InfluxDB that came back empty gets what is on record here.</summary>
internal static class InfluxRefillCommand
{
    public static Command Create()
    {
        var from = new Option<DateTimeOffset?>("--from") { Description = "Readings from this time on (default: all that are kept one by one)." };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Readings before this time (default: now)." };
        var command = new Command("influx-refill", "Write alarms, signals and readings on record here to the configured InfluxDB again, after it has lost them. Works beside a running hub.") { from, to };
        command.SetAction((parsed, cancelled) => RunAsync(parsed.GetValue(from), parsed.GetValue(to), Console.Out, cancelled));
        return command;
    }

    private static async Task<int> RunAsync(DateTimeOffset? from, DateTimeOffset? to, TextWriter output, CancellationToken cancelled)
    {
        if (HubConfiguration.Load(HubConfiguration.CreateBuilder().Configuration) is not { } options)
        {
            return CommandLine.Misused;
        }

        if (options.Influx is not { } influx)
        {
            await Console.Error.WriteLineAsync("no InfluxDB is configured (CareHub__Influx__Url)");
            return CommandLine.Misused;
        }

        var data = DataDirectory.Open(options.DataDirectory);
        if (!File.Exists(data.AlarmsFile))
        {
            await Console.Error.WriteLineAsync($"{data.AlarmsFile} does not exist");
            return CommandLine.Misused;
        }

        var limits = TelemetryLimits.Default with { ForwardShare = influx.DrainShare };
        var now = TimeProvider.System.GetUtcNow();
        using var client = new InfluxClient(influx, limits, TimeProvider.System);
        using var registry = new RegistryView(RegistryStore.Open(data), NullLogger<RegistryView>.Instance);
        var alarms = new PooledDbContextFactory<AlarmsContext>(new DbContextOptionsBuilder<AlarmsContext>().UseSqlite(SqliteFile.ConnectionString(data.AlarmsFile)).Options);
        var tags = new DeviceTags(registry);
        var refill = new InfluxRefill(new InfluxBatchWriter(client, influx.CreateDatabase && !influx.UsesBuckets), limits, TimeProvider.System);
        string? failure = null;
        try
        {
            await refill.EventsAsync(new TriageEvents(alarms), tags, cancelled);
            await refill.ReadingsAsync(data.Root, tags, from ?? now - options.Retention.Telemetry.Readings, to ?? now, cancelled);
        }
        catch (InfluxException refused)
        {
            failure = refused.Message;
        }

        await output.WriteLineAsync($"influx-refill: {refill.Written} points written, {refill.Rejected.Points} refused for good{(refill.Rejected.Reason is { } reason ? $" ({reason})" : "")}");
        if (failure is null)
        {
            return CommandLine.Ok;
        }

        await Console.Error.WriteLineAsync($"InfluxDB: {failure}; start it again when it is mended, nothing is written twice");
        return CommandLine.Failed;
    }
}
