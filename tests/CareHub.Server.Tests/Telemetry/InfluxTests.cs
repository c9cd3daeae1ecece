using CareHub.Server.Tests.Support;
using CareHub.Storage.Tests.Telemetry.Support;
using Eventually = CareHub.Storage.Tests.Telemetry.Support.Eventually;

namespace CareHub.Server.Tests.Telemetry;

/// <summary>From the socket to a real InfluxDB, and back through the API.</summary>
public sealed class InfluxTests(InfluxdProcess influxd) : IClassFixture<InfluxdProcess>
{
    [Fact]
    public async Task Readings_and_triaged_events_arrive_and_no_name_goes_with_them()
    {
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = influxd.Options("hub"));
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await using var console = await hub.ConsoleAsync();
        await device.PublishAsync($"care/v1/{TestWorld.Button}/reading", """{"values":{"heart_rate":71}}"""u8.ToArray(), 1);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await console.PostAsync("/api/v1/alarms/home-1.1/acknowledge", new { version = 1 });

        await Eventually.TrueAsync(async () => await CountAsync("hub", "readings", "value") == 1, "the reading is in InfluxDB");
        await Eventually.TrueAsync(async () => await CountAsync("hub", "events", "age_ms") == 2, "raised and acknowledged are in InfluxDB");
        var all = string.Join('\n', (await influxd.QueryAsync("hub", "SELECT * FROM /.*/")).Select(row => row.ToString()));
        Assert.Contains("home-1", all, StringComparison.Ordinal);
        Assert.DoesNotContain("王桂英", all, StringComparison.Ordinal);
        Assert.DoesNotContain("operator", all, StringComparison.Ordinal);
        Assert.Equal(71, (double)Assert.Single((await console.GetAsync($"/api/v1/devices/{TestWorld.Button}/readings/latest")).AsArray())!["value"]!);
    }

    [Fact]
    public async Task With_InfluxDB_down_signals_and_readings_are_acknowledged_and_arrive_later()
    {
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = influxd.Options("later"));
        influxd.Kill();
        await using var device = await hub.DeviceAsync(TestWorld.Button);

        Assert.True((await device.PublishAsync($"care/v1/{TestWorld.Button}/reading", """{"values":{"heart_rate":72}}"""u8.ToArray(), 1)).IsSuccess);
        Assert.True((await device.SignalAsync("""{"id":"1","type":"button"}""")).IsSuccess);

        await influxd.StartAsync();
        await Eventually.TrueAsync(async () => await CountAsync("later", "readings", "value") == 1, "the reading has arrived", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(async () => await CountAsync("later", "events", "age_ms") == 1, "the event has arrived", TimeSpan.FromSeconds(60));
    }

    private async Task<long> CountAsync(string database, string measurement, string field)
    {
        try
        {
            return await influxd.CountAsync(database, measurement, field);
        }
        catch (InvalidOperationException)
        {
            // The database is made with the first write.
            return 0;
        }
    }
}
