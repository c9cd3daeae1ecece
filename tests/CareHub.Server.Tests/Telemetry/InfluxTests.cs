using System.Globalization;
using System.Text;
using System.Text.Json;
using CareHub.Mqtt.Client;
using CareHub.Server.SelfWatch;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.Extensions.DependencyInjection;
using Eventually = CareHub.Storage.Tests.Telemetry.Support.Eventually;

namespace CareHub.Server.Tests.Telemetry;

/// <summary>From the socket to a real InfluxDB, and back through the API.</summary>
public sealed class InfluxTests(InfluxdProcess influxd) : IClassFixture<InfluxdProcess>
{
    [Fact]
    public async Task Readings_signals_and_changes_of_alarms_arrive_with_their_place_and_no_name_goes_with_them()
    {
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = influxd.Options("hub"));
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await using var console = await hub.ConsoleAsync();
        await PublishAsync(device, """{"values":{"heart_rate":71}}""");
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await console.PostAsync("/api/v1/alarms/home-1.1/acknowledge", new { version = 1 });

        await Eventually.TrueAsync(async () => await CountAsync("hub", "readings", "value") == 1, "the reading is in InfluxDB");
        await Eventually.TrueAsync(async () => await CountAsync("hub", "events", "device") == 1, "the signal is in InfluxDB");
        await Eventually.TrueAsync(async () => await CountAsync("hub", "alarms", "to_acknowledged_ms") == 1, "the acknowledgement is in InfluxDB, with its age");
        Assert.Equal(1, await influxd.CountAsync("hub", "alarms", "age_ms", "\"event\" = 'raised' AND \"priority\" = 'critical' AND \"site\" = 'home-1' AND \"region\" = 'north'"));
        Assert.Equal(["emergency_button", "heart_rate", "north", "home-1"], await TagsAsync("readings", "kind", "name", "region", "site"));
        Assert.Equal(["raised", "button", "north", "home-1", "device"], await TagsAsync("events", "event", "kind", "region", "site", "source"));
        var all = string.Join('\n', (await influxd.QueryAsync("hub", "SELECT * FROM /.*/")).Select(row => row.ToString()));
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
        await using var console = await hub.ConsoleAsync();

        Assert.True((await PublishAsync(device, """{"values":{"heart_rate":72}}""")).IsSuccess);
        Assert.True((await device.SignalAsync("""{"id":"1","type":"button"}""")).IsSuccess);
        await Eventually.TrueAsync(async () => (bool)(await console.GetAsync("/api/v1/status"))["influx"]!["failing"]!, "the status says so");
        Assert.Equal(1, (int)(await console.GetAsync("/api/v1/status"))["influx"]!["readingsWaiting"]!);
        using var http = new HttpClient { BaseAddress = hub.Url };
        Assert.Equal("Degraded", await http.GetStringAsync("/healthz/ready"));

        await influxd.StartAsync();
        await Eventually.TrueAsync(async () => await CountAsync("later", "readings", "value") == 1, "the reading has arrived", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(async () => await CountAsync("later", "events", "device") == 1, "the signal has arrived", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(async () => await http.GetStringAsync("/healthz/ready") == "Healthy", "all is well again");
    }

    /// <summary>The trap: InfluxDB keeps one value for a series and a time, and many a clock has milliseconds only.</summary>
    [Fact]
    public async Task Different_readings_of_one_millisecond_stay_different_and_one_sent_again_stays_one()
    {
        await using var hub = await TestHub.StartAsync(configure: options =>
        {
            options.Influx = influxd.Options("moment");
            (options.Mqtt.Limits.TelemetryBurst, options.Mqtt.Limits.TelemetryPerSecond) = (10_000, 10_000);
        });
        await using var console = await hub.ConsoleAsync();
        var at = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var random = new Random(3);
        var values = Enumerable.Range(0, 50).Select(i => (double)i).Concat(Enumerable.Range(0, 50).Select(i => Math.Round(36 + (i * 0.1), 1))).Concat(Enumerable.Range(0, 50).Select(_ => random.NextDouble())).Distinct().ToList();
        string Message(double value) => string.Create(CultureInfo.InvariantCulture, $$$"""{"at":"{{{at}}}","values":{"heart_rate":{{{value}}}}}""");

        await using (var device = await hub.DeviceAsync(TestWorld.Button))
        {
            await Task.WhenAll(values.Select(value => PublishAsync(device, Message(value))));
            await Task.WhenAll(values.Select(value => PublishAsync(device, Message(value))));
            // Two samples of one message, too.
            await PublishAsync(device, $$$"""[{"at":"{{{at}}}","values":{"spo2":97}},{"at":"{{{at}}}","values":{"spo2":98}}]""");
        }

        await hub.RestartAsync();
        await using (var device = await hub.DeviceAsync(TestWorld.Button))
        {
            await Task.WhenAll(values.Take(100).Reverse().Select(value => PublishAsync(device, Message(value))));
            await PublishAsync(device, """{"values":{"last":1}}""");
        }

        await Eventually.TrueAsync(async () => await CountAsync("moment", "readings", "value", "\"name\" = 'last'") == 1, "all have arrived");
        var stored = (await influxd.QueryAsync("moment", "SELECT value FROM readings WHERE \"name\" = 'heart_rate'")).Select(row => row[1].GetDouble()).ToList();
        Assert.Equal(values.Order(), stored.Order());
        Assert.Equal(2, await CountAsync("moment", "readings", "value", "\"name\" = 'spo2'"));
        var embedded = hub.Services.GetRequiredService<CareHub.Core.Telemetry.ITelemetryStore>();
        var series = await embedded.SeriesAsync(TestWorld.Button, "heart_rate", DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, 10_000, default);
        Assert.Equal(values.Order(), series.Select(reading => reading.Value).Order());
    }

    [Fact]
    public async Task What_InfluxDB_rejects_is_in_quarantine_with_its_reason_and_the_rest_arrives()
    {
        await influxd.ExecuteAsync("CREATE DATABASE \"conflict\"");
        await influxd.WriteAsync("conflict", $"readings value=\"somebody else's\" {InfluxPoints.ClampedUnixNs(DateTimeOffset.UtcNow)}");
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = influxd.Options("conflict"));
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await using var supervisor = await hub.ConsoleAsync("supervisor");
        // Retention's shards last a week: the reading of ten days ago is in one without the conflict.
        var old = DateTimeOffset.UtcNow.AddDays(-10).ToString("O", CultureInfo.InvariantCulture);
        await PublishAsync(device, $$$"""[{"values":{"heart_rate":71}},{"at":"{{{old}}}","values":{"heart_rate":70}}]""");

        await Eventually.TrueAsync(async () => (await supervisor.GetAsync("/api/v1/quarantine"))["items"]!.AsArray().Count == 1, "it is in quarantine");
        var item = (await supervisor.GetAsync("/api/v1/quarantine"))["items"]![0]!;
        Assert.Equal((TestWorld.Button, "home-1", "influxdb/readings"), ((string?)item["deviceId"], (string?)item["siteId"], (string?)item["topic"]));
        Assert.Contains("field type conflict", (string?)item["reason"], StringComparison.Ordinal);
        Assert.StartsWith("readings,device=btn-1,kind=emergency_button,name=heart_rate,region=north,site=home-1 value=71 ", (string?)item["payload"], StringComparison.Ordinal);
        var influx = (await supervisor.GetAsync("/api/v1/status"))["influx"]!;
        Assert.Equal((1, 1, false), ((int)influx["pointsRejected"]!, (int)influx["readingsForwarded"]!, (bool)influx["failing"]!));
        Assert.Contains("field type conflict", (string?)influx["lastRejectReason"], StringComparison.Ordinal);

        // Nothing waits and nothing fails, and yet it is not there: somebody has to know.
        await hub.Services.GetRequiredService<SelfCheck>().LookAsync();
        Assert.Equal("influx_rejects", hub.OpenAlarms().Alarms.Single(alarm => alarm.DeviceId == HubSite.Influx).Zone);
    }

    [Fact]
    public async Task A_refusal_is_an_alarm_at_once_and_ends_when_it_is_mended()
    {
        await using var server = new HttpReceiver { Answer = _ => HttpReceiver.Say("401 Unauthorized", body: """{"error":"authorization failed"}""") };
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = new InfluxOptions { Url = $"http://127.0.0.1:{server.Port}", Database = "d", Token = "wrong" });
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await using var console = await hub.ConsoleAsync();
        await PublishAsync(device, """{"values":{"heart_rate":72}}""");
        await Eventually.TrueAsync(async () => (bool)(await console.GetAsync("/api/v1/status"))["influx"]!["refused"]!, "the refusal is met");
        var check = hub.Services.GetRequiredService<SelfCheck>();
        await check.LookAsync();
        Assert.Equal("influx_refused", hub.OpenAlarms().Alarms.Single(alarm => alarm.DeviceId == HubSite.Influx).Zone);
        Assert.True((int)(await console.GetAsync("/api/v1/status"))["influx"]!["failures"]!["refused"]! > 0);

        server.Answer = _ => HttpReceiver.Say("204 No Content");
        await Eventually.TrueAsync(async () => (int)(await console.GetAsync("/api/v1/status"))["influx"]!["readingsForwarded"]! == 1, "the reading has gone", TimeSpan.FromSeconds(60));
        await check.LookAsync();
        Assert.False(hub.OpenAlarms().Alarms.Single(alarm => alarm.DeviceId == HubSite.Influx).Active);
    }

    [Fact]
    public async Task A_device_has_a_bounded_number_of_series()
    {
        await using var hub = await TestHub.StartAsync(configure: options => options.Influx = influxd.Options("names"));
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        var many = string.Join(',', Enumerable.Range(0, 64).Select(i => $"\"n{i}\":1"));
        Assert.True((await PublishAsync(device, $$$"""{"values":{{{{many}}}}}""")).IsSuccess);
        Assert.True((await PublishAsync(device, """{"values":{"n3":2}}""")).IsSuccess);
        var refused = await PublishAsync(device, """{"values":{"n3":2,"n64":1}}""");
        Assert.Contains("more than 64 different readings", refused.ReasonString, StringComparison.Ordinal);
    }

    private static Task<MqttPublishResult> PublishAsync(MqttClient device, string json) =>
        device.PublishAsync($"care/v1/{device.ClientId}/reading", Encoding.UTF8.GetBytes(json), qos: 1);

    private async Task<IEnumerable<string?>> TagsAsync(string measurement, params string[] tags) =>
        (await influxd.QueryAsync("hub", $"SELECT {string.Join(',', tags.Select(tag => $"\"{tag}\"::tag"))}, * FROM {measurement} LIMIT 1"))
        .Single().EnumerateArray().Skip(1).Take(tags.Length).Select(value => value.ValueKind == JsonValueKind.String ? value.GetString() : value.ToString());

    private async Task<long> CountAsync(string database, string measurement, string field, string? where = null)
    {
        try
        {
            return await influxd.CountAsync(database, measurement, field, where);
        }
        catch (InvalidOperationException)
        {
            // The database is made with the first write.
            return 0;
        }
    }
}
