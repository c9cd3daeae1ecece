using System.Net;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Api;

/// <summary>"Why is this one here, and why not that one?" is answered on the alarm, from the reasons on record.</summary>
public sealed class AlarmSignalsTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task An_alarm_shows_what_was_said_around_it_with_what_was_decided_and_why_also_of_what_raised_nothing()
    {
        await SayAsync(TestWorld.Smoke, """{"id":"0","type":"test"}""");
        _time.Advance(TimeSpan.FromMinutes(11));
        await SayAsync(TestWorld.Smoke, """{"id":"1","type":"restore"}""");
        await SayAsync(TestWorld.OtherButton, """{"id":"2","type":"button"}""");
        await SayAsync(TestWorld.Fall, """{"id":"3","type":"fall","confidence":0.4,"zone":"kitchen"}""");
        await SayAsync(TestWorld.Fall, """{"id":"3","type":"fall","confidence":0.4,"zone":"kitchen"}""");
        await SayAsync(TestWorld.Fall, """{"id":"4","type":"fall","confidence":0.9}""");
        _time.Advance(TimeSpan.FromMinutes(11));
        await SayAsync(TestWorld.Smoke, """{"id":"5","type":"test"}""");

        await using var console = await _hub.ConsoleAsync("north");
        var answer = await console.GetAsync("/api/v1/alarms/home-1.1/signals");
        var items = answer["items"]!.AsArray();
        Assert.Equal(
            [("fall", "repeated", "home-1.1", "rule:fall:deduplicated"), ("fall", "raised", "home-1.1", "rule:fall"), ("restore", "recorded", null, "restore:nothing_active")],
            items.Select(item => ((string)item!["kind"]!, (string)item["outcome"]!, (string?)item["alarmId"], (string)item["reason"]!)));
        Assert.Equal((0.4, "kitchen", 1), ((double)items[1]!["confidence"]!, (string)items[1]!["zone"]!, (int)items[1]!["redeliveries"]!));
        Assert.Matches("^[0-9a-f]{12}$", (string)items[1]!["rules"]!);
        Assert.False((bool)answer["truncated"]!);
    }

    [Fact]
    public async Task It_is_shown_to_nobody_of_another_region()
    {
        await SayAsync(TestWorld.Button, """{"id":"1","type":"button"}""");
        await using var south = await _hub.ConsoleAsync("south");
        Assert.Equal(HttpStatusCode.NotFound, (await south.Http.GetAsync("/api/v1/alarms/home-1.1/signals")).StatusCode);
    }

    private async Task SayAsync(string deviceId, string json)
    {
        await using var device = await _hub.DeviceAsync(deviceId);
        Assert.True((await device.SignalAsync(json)).IsSuccess);
    }
}
