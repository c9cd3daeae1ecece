using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CareHub.Storage.Tests.Telemetry.Forwarding;

/// <summary>Somebody looks at a page of charts while InfluxDB is in trouble.</summary>
public sealed class QueryFallbackTests
{
    [Fact]
    public async Task A_page_of_charts_waits_for_an_InfluxDB_in_trouble_once_and_not_at_each()
    {
        var asked = 0;
        var builder = WebApplication.CreateSlimBuilder();
        await using var influx = builder.Build();
        influx.Urls.Add("http://127.0.0.1:0");
        influx.MapPost("/write", () => Results.NoContent());
        influx.MapGet("/query", () =>
        {
            Interlocked.Increment(ref asked);
            return Results.Json(new { error = "query timeout" }, statusCode: 500);
        });
        await influx.StartAsync();

        using var directory = new TemporaryDirectory();
        using var log = new CollectingLogger();
        var time = new ManualTime(Some.Time);
        await using var storage = TelemetryStorage.Open(
            directory.Path, new InfluxOptions { Url = influx.Urls.Single(), Database = "d" }, null, time, log, Some.QuickLimits with { ApplyInterval = TimeSpan.Zero });
        await storage.Store.AppendAsync([Some.Reading(71)], default);

        for (var chart = 0; chart < 5; chart++)
            Assert.Equal(71, Assert.Single(await storage.Store.LatestAsync("vit-0012", default)).Value);
        Assert.Equal(1, asked);

        time.Advance(TelemetryLimits.Default.InfluxQueryPause);
        await storage.Store.LatestAsync("vit-0012", default);
        Assert.Equal(2, asked);
    }
}
