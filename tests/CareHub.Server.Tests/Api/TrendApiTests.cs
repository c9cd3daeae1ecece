using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CareHub.Core.Telemetry;
using CareHub.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Api;

/// <summary>Readings and events read back over real HTTP, in and out of a caller's region.</summary>
public sealed class TrendApiTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public async Task The_latest_values_say_their_unit_and_when_they_are_stale()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.PublishAsync($"care/v1/{TestWorld.Button}/reading", """{"values":{"heart_rate":71,"battery":88,"strangeness":0.5}}"""u8.ToArray(), 1);
        await using var console = await _hub.ConsoleAsync();
        var latest = (await console.GetAsync($"/api/v1/devices/{TestWorld.Button}/readings/latest")).AsArray();
        Assert.Equal(["battery 88 %", "heart_rate 71 /min", "strangeness 0.5 "], latest.Select(each => $"{each!["name"]} {each["value"]} {each["unit"]}"));
        Assert.All(latest, each => Assert.True((int)each!["staleAfterSeconds"]! >= 300));
    }

    [Fact]
    public async Task A_trend_has_a_band_gaps_and_the_window_that_fits_the_pixels()
    {
        // A reading a minute for two hours, with twenty minutes of silence.
        await AppendAsync(Enumerable.Range(0, 120).Where(minute => minute is < 40 or >= 60).Select(minute => new Reading(TestWorld.Button, "heart_rate", 60 + (minute % 10), Now.AddHours(-2).AddMinutes(minute))));
        await using var console = await _hub.ConsoleAsync();
        var trend = await TrendAsync(console, $"name=heart_rate&from={Iso(Now.AddHours(-2))}&to={Iso(Now)}&points=30");
        Assert.Equal(("/min", 300), ((string)trend["unit"]!, (int)trend["windowSeconds"]!));
        var points = trend["points"]!.AsArray();
        Assert.InRange(points.Count, 20, 22);
        Assert.Equal(100, points.Sum(point => (int)point!["count"]!));
        Assert.Contains(points.Zip(points.Skip(1)), pair => At(pair.Second!) - At(pair.First!) >= TimeSpan.FromMinutes(20));
        Assert.All(points, point => Assert.True((double)point!["min"]! <= (double)point["avg"]! && (double)point["avg"]! <= (double)point["max"]!));

        var counted = await TrendAsync(console, $"name=heart_rate&from={Iso(Now.AddHours(-2))}&to={Iso(Now)}&window=86400&aggregation=count");
        Assert.Equal(100, counted["points"]!.AsArray().Sum(point => (int)point!["value"]!));
        Assert.Equal(["at", "value"], NamesOf(counted["points"]![0]!));
        Assert.Equal(["at", "min", "max", "avg", "count"], NamesOf(points[0]!));
        Assert.Empty((await TrendAsync(console, "name=nothing"))["points"]!.AsArray());
    }

    [Fact]
    public async Task A_hundred_thousand_readings_come_as_the_points_asked_for()
    {
        var start = Now.AddDays(-12);
        await AppendAsync(Enumerable.Range(0, 100_000).Select(i => new Reading(TestWorld.Button, "temperature", 20 + (i % 7), start.AddSeconds(i * 10))));
        await using var console = await _hub.ConsoleAsync();
        var trend = await TrendAsync(console, $"name=temperature&from={Iso(start)}&to={Iso(Now)}&points=800");
        Assert.InRange(trend["points"]!.AsArray().Count, 400, 801);
        Assert.Equal(100_000, trend["points"]!.AsArray().Sum(point => (int)point!["count"]!));
    }

    [Fact]
    public async Task What_is_wrong_with_a_question_is_said()
    {
        await using var console = await _hub.ConsoleAsync();
        foreach (var (query, expected) in new[]
        {
            ("", "'name' is required"),
            ("name=x&from=yesterday", "'from' must be an ISO 8601 time"),
            ("name=x&to=0001-01-01T00:00:00Z", "'to' must be an ISO 8601 time"),
            ("name=x&from=2026-11-22T00:00:00Z&to=2026-11-22T00:00:00Z", "'from' must be before 'to'"),
            ("name=x&from=1990-11-22T00:00:00Z", "may span 3660 days"),
            ("name=x&points=0", "'points' must be a whole number from 1 to 5000"),
            ("name=x&points=5001", "'points' must be a whole number from 1 to 5000"),
            ("name=x&window=1.5", "'window' must be a whole number"),
            ("name=x&window=1", "more than 5000 points"),
            ("name=x&window=60&points=5", "not both"),
            ("name=x&aggregation=median", "'aggregation' must be min, max, avg, sum or count"),
        })
        {
            using var answer = await console.Http.GetAsync($"/api/v1/devices/{TestWorld.Button}/trend?{query}");
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            Assert.Contains(expected, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nobody_reads_what_is_outside_their_region()
    {
        await AppendAsync([new Reading(TestWorld.Button, "heart_rate", 71, Now)]);
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        string[] paths =
        [
            $"/api/v1/devices/{TestWorld.Button}/readings/latest", $"/api/v1/devices/{TestWorld.Button}/trend?name=heart_rate", $"/api/v1/devices/{TestWorld.Button}/readings.csv",
            $"/api/v1/devices/{TestWorld.Button}/events", "/api/v1/residents/r-1/readings/latest", "/api/v1/residents/r-1/events", "/api/v1/alarms/home-1.1/events",
        ];
        await using var north = await _hub.ConsoleAsync("north");
        await using var south = await _hub.ConsoleAsync("south");
        using var stranger = new HttpClient { BaseAddress = _hub.Url };
        foreach (var path in paths)
        {
            Assert.Equal(HttpStatusCode.OK, (await north.Http.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await south.Http.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        }

        foreach (var missing in new[] { "/api/v1/devices/none/trend?name=x", "/api/v1/residents/none/events", "/api/v1/residents/none/readings/latest", "/api/v1/alarms/home-1.9/events" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await north.Http.GetAsync(missing)).StatusCode);
        }
    }

    [Fact]
    public async Task A_resident_has_the_readings_of_all_their_devices()
    {
        await AppendAsync([new Reading(TestWorld.Button, "battery", 71, Now), new Reading(TestWorld.Fall, "battery", 40, Now), new Reading(TestWorld.OtherButton, "battery", 1, Now)]);
        await using var console = await _hub.ConsoleAsync("north");
        var readings = (await console.GetAsync("/api/v1/residents/r-1/readings/latest")).AsArray();
        Assert.Equal(["btn-1 71", "fall-1 40"], readings.Select(each => $"{each!["deviceId"]} {each["value"]}"));
    }

    [Fact]
    public async Task Events_near_an_alarm_are_those_of_the_person_the_device_or_the_site()
    {
        await using var smoke = await _hub.DeviceAsync(TestWorld.Smoke);
        await smoke.SignalAsync("""{"id":"1","type":"smoke"}""");
        _time.Advance(TimeSpan.FromHours(2));
        await using var button = await _hub.DeviceAsync(TestWorld.Button);
        await button.SignalAsync("""{"id":"1","type":"button"}""");
        await using var console = await _hub.ConsoleAsync();
        await console.PostAsync("/api/v1/alarms/home-1.2/acknowledge", new { version = 1 });
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["button raised", "button acknowledged"], await EventsAsync(console, "/api/v1/alarms/home-1.2/events?of=device"));
        Assert.Equal(["smoke raised", "button raised", "button acknowledged"], await EventsAsync(console, "/api/v1/alarms/home-1.2/events?before=10000"));
        Assert.Equal(await EventsAsync(console, "/api/v1/residents/r-1/events"), await EventsAsync(console, "/api/v1/alarms/home-1.2/events?before=10000&of=site"));
        Assert.DoesNotContain("smoke raised", await EventsAsync(console, "/api/v1/alarms/home-1.2/events"));
        foreach (var (query, expected) in new[] { ("before=0", "'before' must be"), ("after=x", "'after' must be"), ("of=street", "'of' must be person, device or site") })
        {
            using var answer = await console.Http.GetAsync($"/api/v1/alarms/home-1.2/events?{query}");
            Assert.Contains(expected, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_table_of_readings_can_be_opened_anywhere()
    {
        await AppendAsync([new Reading(TestWorld.Button, "temperature", -3.5, Now.AddHours(-1)), new Reading(TestWorld.Button, "temperature", 21.25, Now.AddMinutes(-1)), new Reading(TestWorld.Button, "battery", 88, Now.AddDays(-2))]);
        await using var console = await _hub.ConsoleAsync();
        using var answer = await console.Http.GetAsync($"/api/v1/devices/{TestWorld.Button}/readings.csv");
        Assert.Equal(("text/csv", "utf-8", "attachment"), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentType.CharSet, answer.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal(
            $"device,name,unit,at,value\r\nbtn-1,temperature,°C,{Csv(Now.AddHours(-1))},-3.5\r\nbtn-1,temperature,°C,{Csv(Now.AddMinutes(-1))},21.25\r\n",
            Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()));
        var all = await console.Http.GetStringAsync($"/api/v1/devices/{TestWorld.Button}/readings.csv?from={Iso(Now.AddDays(-3))}&name=battery");
        Assert.Equal($"device,name,unit,at,value\r\nbtn-1,battery,%,{Csv(Now.AddDays(-2))},88\r\n", all);
    }

    private Task AppendAsync(IEnumerable<Reading> readings) => _hub.Services.GetRequiredService<ITelemetryStore>().AppendAsync([.. readings], CancellationToken.None);

    private static IEnumerable<string> NamesOf(JsonNode point) => point.AsObject().Select(property => property.Key);

    private static async Task<JsonNode> TrendAsync(TestConsole console, string query) => await console.GetAsync($"/api/v1/devices/{TestWorld.Button}/trend?{query}");

    /// <summary>Without what the engine does by itself meanwhile.</summary>
    private static async Task<List<string>> EventsAsync(TestConsole console, string path) => [.. (await console.GetAsync(path)).AsArray().Select(each => $"{each!["kind"]} {each["event"]}").Where(each => each is not "smoke escalated")];

    private static DateTimeOffset At(JsonNode point) => DateTimeOffset.Parse((string)point["at"]!, CultureInfo.InvariantCulture);

    private static string Iso(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O", CultureInfo.InvariantCulture));

    private static string Csv(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
