using System.Net;
using System.Text.Json.Nodes;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Api;

/// <summary>What people do to an alarm, over HTTP, as docs/api.md says.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private const string Id = "home-1.1";
    private TestHub _hub = null!;
    private TestConsole _console = null!;

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _console = await _hub.ConsoleAsync();
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
    }

    public async Task DisposeAsync()
    {
        await _console.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task From_acknowledge_to_resolve_each_step_has_author_and_time_in_the_timeline()
    {
        var (_, acknowledged) = await _console.PostAsync($"/api/v1/alarms/{Id}/acknowledge", new { version = 1 });
        Assert.Equal("acknowledged", (string?)acknowledged!["state"]);
        await _console.PostAsync($"/api/v1/alarms/{Id}/claim", new { version = 2 });
        await _console.PostAsync($"/api/v1/alarms/{Id}/release", new { version = 3, reason = "wrong district" });
        await _console.PostAsync($"/api/v1/alarms/{Id}/notes", new { note = "no answer by telephone" });
        await _console.PostAsync($"/api/v1/alarms/{Id}/claim", new { version = 5 });
        var (status, closed) = await _console.PostAsync($"/api/v1/alarms/{Id}/resolve", new { version = 6, disposition = "real", note = "helped up" });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("closed", (string?)closed!["state"]);
        Assert.Equal("operator", (string?)closed["closedBy"]!["id"]);
        var timeline = (await _console.GetAsync($"/api/v1/alarms/{Id}"))["timeline"]!.AsArray();
        Assert.Equal(["raised", "acknowledged", "claimed", "released", "note", "claimed", "resolved"], timeline.Select(entry => (string)entry!["event"]!));
        Assert.All(timeline.Skip(1), entry => Assert.Equal("operator!", (string)entry!["author"]!["name"]!));
        Assert.Equal("helped up", (string)timeline[6]!["note"]!);
        Assert.Equal("王桂英", (string)closed["resident"]!["name"]!);
        Assert.Empty((await _console.GetAsync("/api/v1/alarms"))["items"]!.AsArray());
        Assert.Single((await _console.GetAsync("/api/v1/alarms?state=closed"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Of_fifty_claims_at_once_exactly_one_wins_and_the_others_learn_who_and_when()
    {
        await using var other = await _hub.ConsoleAsync("second");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(index => (index % 2 == 0 ? _console : other).PostAsync($"/api/v1/alarms/{Id}/claim", new { version = 1 })));

        // One person's repeated claim is the same claim; the other person's are all refused.
        var owner = (string)(await _console.GetAsync($"/api/v1/alarms/{Id}"))["claimedBy"]!["user"]!;
        var lost = answers.Where(answer => answer.Status == HttpStatusCode.Conflict).ToList();
        Assert.Equal(25, lost.Count);
        Assert.All(lost, answer =>
        {
            Assert.Equal("already_claimed", (string)answer.Body!["code"]!);
            Assert.Equal(owner, (string)answer.Body["owner"]!["user"]!);
            Assert.NotNull(answer.Body["since"]);
        });
        Assert.Single(_hub.OpenAlarms().Timeline, row => row.Event == Core.Alarms.AlarmEvent.Claimed);
    }

    [Fact]
    public async Task What_is_closed_or_changed_meanwhile_is_a_conflict_that_shows_the_alarm()
    {
        await using (var device = await _hub.DeviceAsync(TestWorld.Button))
        {
            await device.SignalAsync("""{"id":"2","type":"button"}""");
        }

        var (status, conflict) = await _console.PostAsync($"/api/v1/alarms/{Id}/resolve", new { version = 1, disposition = "false" });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("version_conflict", (string)conflict!["code"]!);
        Assert.Equal(2, (int)conflict["alarm"]!["count"]!);

        await _console.PostAsync($"/api/v1/alarms/{Id}/resolve", new { version = 2, disposition = "false" });
        var (_, closed) = await _console.PostAsync($"/api/v1/alarms/{Id}/acknowledge", new { version = 2 });
        Assert.Equal("already_closed", (string)closed!["code"]!);
    }

    [Fact]
    public async Task Nobody_sees_or_touches_what_is_outside_their_region()
    {
        await using var south = await _hub.ConsoleAsync("south");
        await using var north = await _hub.ConsoleAsync("north");

        Assert.Empty((await south.GetAsync("/api/v1/alarms"))["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await south.Http.GetAsync(new Uri($"/api/v1/alarms/{Id}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await south.PostAsync($"/api/v1/alarms/{Id}/claim", new { version = 1 })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await south.Http.GetAsync(new Uri($"/api/v1/devices/{TestWorld.Button}", UriKind.Relative))).StatusCode);
        await south.PostAsync("/api/v1/silences", new { alarmIds = new[] { Id }, seconds = 60 });
        Assert.Single(_hub.OpenAlarms().Timeline);

        Assert.Single((await north.GetAsync("/api/v1/alarms"))["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.OK, (await north.PostAsync($"/api/v1/alarms/{Id}/claim", new { version = 1 })).Status);
    }

    [Fact]
    public async Task A_list_goes_on_where_the_page_before_ended()
    {
        await using (var device = await _hub.DeviceAsync(TestWorld.OtherButton))
        {
            await device.SignalAsync("""{"id":"1","type":"button"}""");
            await device.SignalAsync("""{"id":"2","type":"smoke"}""");
        }

        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await _console.GetAsync($"/api/v1/alarms?limit=1&before={next}");
            seen.Add((string)Assert.Single(page["items"]!.AsArray())!["id"]!);
            next = (string?)page["next"];
        }
        while (next is not null);

        Assert.Equal(["home-1.1", "home-2.1", "home-2.2"], seen.Order());
    }

    [Fact]
    public async Task Quarantine_is_for_supervisors()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await _console.Http.GetAsync(new Uri("/api/v1/quarantine", UriKind.Relative))).StatusCode);
        await using var supervisor = await _hub.ConsoleAsync("supervisor");
        Assert.Empty((await supervisor.GetAsync("/api/v1/quarantine"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData("acknowledge", "{}", "'version' is required")]
    [InlineData("take-over", """{"version":1}""", "'reason' is required")]
    [InlineData("resolve", """{"version":1,"disposition":"whatever"}""", "'disposition' must be one of real, false, test, technical, duplicate")]
    [InlineData("notes", """{"note":" "}""", "'note' is required")]
    public async Task A_bad_body_is_named(string action, string body, string error)
    {
        var (status, problem) = await _console.PostAsync($"/api/v1/alarms/{Id}/{action}", JsonNode.Parse(body)!);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("invalid", (string)problem!["code"]!);
        Assert.Contains(error, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_header_or_a_session_nothing_changes()
    {
        using var stranger = new HttpClient { BaseAddress = _hub.Url };
        using var body = new StringContent("""{"version":1}""", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync(new Uri($"/api/v1/alarms/{Id}/claim", UriKind.Relative), body)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(new Uri("/api/v1/status", UriKind.Relative))).StatusCode);

        _console.Http.DefaultRequestHeaders.Remove("X-CareHub");
        var (status, problem) = await _console.PostAsync($"/api/v1/alarms/{Id}/claim", new { version = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("header_missing", (string)problem!["code"]!);
        Assert.Single(_hub.OpenAlarms().Timeline);
    }

    [Fact]
    public async Task A_wrong_password_says_no_more_than_an_unknown_user_and_ten_lock_the_account()
    {
        using var stranger = new HttpClient { BaseAddress = _hub.Url };
        stranger.DefaultRequestHeaders.Add("X-CareHub", "1");
        async Task<(HttpStatusCode, string)> SignInAsync(string user, string password)
        {
            using var body = new StringContent($$"""{"user":"{{user}}","password":"{{password}}"}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await stranger.PostAsync(new Uri("/api/v1/session", UriKind.Relative), body);
            return (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"] ?? "");
        }

        Assert.Equal((HttpStatusCode.Unauthorized, "sign_in_failed"), await SignInAsync("nobody", TestHub.Password));
        for (var attempt = 0; attempt < 9; attempt++)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "sign_in_failed"), await SignInAsync("second", "wrong password"));
        }

        await SignInAsync("second", "wrong password");
        Assert.Equal((HttpStatusCode.TooManyRequests, "locked_out"), await SignInAsync("second", TestHub.Password));
    }

    [Fact]
    public async Task The_interface_describes_itself()
    {
        using var stranger = new HttpClient { BaseAddress = _hub.Url };
        var document = JsonNode.Parse(await stranger.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;
        Assert.NotNull(document["paths"]!["/api/v1/alarms/{id}/claim"]);
        Assert.Equal("Healthy", await stranger.GetStringAsync(new Uri("/healthz/ready", UriKind.Relative)));
        Assert.Equal("Healthy", await stranger.GetStringAsync(new Uri("/healthz/live", UriKind.Relative)));
    }
}
