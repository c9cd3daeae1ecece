using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Push;

/// <summary>The live queue over a real WebSocket: numbered, gapless, resumable, scoped.</summary>
public sealed class LiveQueueTests : IAsyncLifetime
{
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private async Task PressAsync(string device, string id)
    {
        await using var connection = await _hub.DeviceAsync(device);
        await connection.SignalAsync($$"""{"id":"{{id}}","type":"button"}""");
    }

    [Fact]
    public async Task A_press_reaches_the_console_as_the_next_number()
    {
        await using var console = await _hub.ConsoleAsync();
        await console.ConnectAsync();
        var snapshot = await console.InvokeAsync("Subscribe", [null]);
        Assert.True((bool)snapshot["full"]!);
        Assert.Empty(snapshot["alarms"]!.AsArray());

        await PressAsync(TestWorld.Button, "1");
        await PressAsync(TestWorld.Button, "2");

        for (var step = 1; step <= 2; step++)
        {
            var delta = await console.NextAsync("delta");
            Assert.Equal((long)snapshot["seq"]! + step, (long)delta["seq"]!);
            Assert.Equal(step, (int)delta["alarm"]!["count"]!);
        }
    }

    [Fact]
    public async Task The_heartbeat_counts_what_is_open()
    {
        await using var console = await _hub.ConsoleAsync();
        await console.ConnectAsync();
        await PressAsync(TestWorld.Button, "1");
        var snapshot = await console.InvokeAsync("Subscribe", [null]);

        var beat = await console.NextAsync("heartbeat");

        Assert.Equal((string)snapshot["epoch"]!, (string)beat["epoch"]!);
        Assert.Equal((long)snapshot["seq"]!, (long)beat["seq"]!);
        Assert.Equal((1, 1), ((int)beat["openCritical"]!, (int)beat["openTotal"]!));
    }

    [Fact]
    public async Task A_console_that_was_away_gets_exactly_what_it_missed()
    {
        await using var before = await _hub.ConsoleAsync();
        await before.ConnectAsync();
        await PressAsync(TestWorld.Button, "1");
        var first = await before.InvokeAsync("Subscribe", [null]);
        await before.DisposeAsync();

        await PressAsync(TestWorld.OtherButton, "2");
        await using var after = await _hub.ConsoleAsync();
        await after.ConnectAsync();
        var resumed = await after.InvokeAsync("Subscribe", new { epoch = (string)first["epoch"]!, seq = (long)first["seq"]! });

        Assert.False((bool)resumed["full"]!);
        Assert.Equal("home-2.1", (string)Assert.Single(resumed["alarms"]!.AsArray())!["id"]!);
        Assert.Equal((long)first["seq"]! + 1, (long)resumed["seq"]!);
    }

    [Fact]
    public async Task After_a_restart_the_epoch_differs_and_the_snapshot_is_whole()
    {
        await PressAsync(TestWorld.Button, "1");
        await using var before = await _hub.ConsoleAsync();
        await before.ConnectAsync();
        var first = await before.InvokeAsync("Subscribe", [null]);

        await _hub.RestartAsync();
        await using var after = await _hub.ConsoleAsync();
        await after.ConnectAsync();
        var second = await after.InvokeAsync("Subscribe", new { epoch = (string)first["epoch"]!, seq = (long)first["seq"]! });

        Assert.NotEqual((string)first["epoch"]!, (string)second["epoch"]!);
        Assert.True((bool)second["full"]!);
        Assert.Equal("home-1.1", (string)Assert.Single(second["alarms"]!.AsArray())!["id"]!);
    }

    [Fact]
    public async Task A_console_hears_only_its_region()
    {
        await using var south = await _hub.ConsoleAsync("south");
        await south.ConnectAsync();
        await south.InvokeAsync("Subscribe", [null]);

        await PressAsync(TestWorld.Button, "1");
        await PressAsync(TestWorld.OtherButton, "2");

        var delta = await south.NextAsync("delta");
        Assert.Equal("home-2.1", (string)delta["alarm"]!["id"]!);
        Assert.Equal(1, (int)(await south.NextAsync("heartbeat"))["openTotal"]!);
    }

    [Fact]
    public async Task The_first_sighting_is_recorded_once_with_its_author()
    {
        await PressAsync(TestWorld.Button, "1");
        await using var console = await _hub.ConsoleAsync();
        await console.ConnectAsync();
        await console.InvokeAsync("Subscribe", [null]);

        await console.InvokeAsync("Seen", [new[] { "home-1.1" }]);
        await console.InvokeAsync("Seen", [new[] { "home-1.1", "home-9.9" }]);

        var seen = Assert.Single(_hub.OpenAlarms().Timeline, row => row.Event == Core.Alarms.AlarmEvent.Seen);
        Assert.Equal("operator", seen.AuthorId);
    }

    [Fact]
    public async Task Who_looks_at_an_alarm_is_told_to_those_who_may_see_it()
    {
        await PressAsync(TestWorld.Button, "1");
        await using var looking = await _hub.ConsoleAsync();
        await using var watching = await _hub.ConsoleAsync("second");
        await looking.ConnectAsync();
        await watching.ConnectAsync();
        await watching.InvokeAsync("Subscribe", [null]);

        await looking.InvokeAsync("Viewing", ["home-1.1"]);
        Assert.Equal("operator", (string)(await watching.NextAsync("viewing"))["viewers"]![0]!["user"]!);

        await looking.DisposeAsync();
        Assert.Empty((await watching.NextAsync("viewing"))["viewers"]!.AsArray());
    }

    [Fact]
    public async Task Without_a_session_the_door_is_closed()
    {
        using var stranger = new HttpClient { BaseAddress = _hub.Url };
        using var answer = await stranger.PostAsync(new Uri("/hubs/alarms/negotiate?negotiateVersion=1", UriKind.Relative), null);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
