using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CareHub.Core.Telemetry;
using CareHub.Mqtt.Client;
using CareHub.Server.Health;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Health;

/// <summary>From a reading on a socket to an alarm on a console.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task A_pulse_out_of_range_raises_vital_and_comes_back_and_a_restart_says_neither_twice()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await using var console = await _hub.ConsoleAsync();
        await PulseAsync(device, 72, 0);
        await PulseAsync(device, 170, 10);
        await PulseAsync(device, 170, 40);
        await PulseAsync(device, 170, 70);
        var alarm = await AlarmAsync(console, "vital", active: true);
        Assert.Equal(("high", "heart_rate", TestWorld.Button), ((string)alarm["priority"]!, (string)alarm["about"]!, (string)alarm["device"]!["id"]!));
        Assert.Null((string?)alarm["place"]);

        await _hub.RestartAsync();
        await using var again = await _hub.DeviceAsync(TestWorld.Button);
        await using var later = await _hub.ConsoleAsync();
        await PulseAsync(again, 171, 80);
        await PulseAsync(again, 171, 150);
        foreach (var second in new[] { 160, 300, 450, 470 })
        {
            await PulseAsync(again, 74, second);
        }

        var returned = await AlarmAsync(later, "vital", active: false);
        Assert.Equal((1, "returned_unacknowledged"), ((int)returned["count"]!, (string)returned["state"]!));
        Assert.Single((await later.GetAsync("/api/v1/alarms?state=open")).AsArrayOfItems());
    }

    [Fact]
    public async Task A_battery_that_falls_is_said_before_it_is_empty()
    {
        // Three percent a day for ten days, as the store knows it; 15 % are five days.
        var now = _time.GetUtcNow();
        await _hub.Services.GetRequiredService<ITelemetryStore>().AppendAsync(
            [.. Enumerable.Range(1, 240).Reverse().Select(hour => new Reading(TestWorld.Fall, "battery", 15 + (hour / 8.0), now.AddHours(-hour)))], CancellationToken.None);
        await using var device = await _hub.DeviceAsync(TestWorld.Fall);
        await using var console = await _hub.ConsoleAsync();
        await device.PublishAsync($"care/v1/{TestWorld.Fall}/reading", """{"values":{"battery":15}}"""u8.ToArray(), 1);
        Assert.Equal("battery", (string)(await AlarmAsync(console, "low_battery", active: true))["about"]!);
        var latest = (await console.GetAsync($"/api/v1/devices/{TestWorld.Fall}/readings/latest")).AsArray();
        Assert.InRange((double)latest.Single()!["daysLeft"]!, 4.5, 5.5);

        _time.Advance(TimeSpan.FromSeconds(1));
        await device.StatusAsync("""{"online":true,"battery":100}""");
        await Eventually.Value(async () => (await console.GetAsync("/api/v1/alarms?state=open")).AsArrayOfItems() is { Count: 0 } none ? none : null, "a new battery closes it");
    }

    [Fact]
    public async Task A_person_who_does_not_move_as_usual_is_looked_after_and_a_restart_asks_once()
    {
        // Four weeks of movement in every hour but those of the night (local 23 to 6; it is noon now).
        var now = _time.GetUtcNow();
        await _hub.Services.GetRequiredService<ITelemetryStore>().AppendAsync(
            [.. Enumerable.Range(0, 28 * 24).Select(hour => now.AddHours(-hour - 0.5)).Where(at => at.AddHours(8).Hour is > 6 and < 23).Select(at => new Reading(TestWorld.Fall, "motion", 1, at))], CancellationToken.None);
        await _hub.RestartAsync();
        var device = await _hub.DeviceAsync(TestWorld.Fall);
        await device.PublishAsync($"care/v1/{TestWorld.Fall}/reading", """{"values":{"motion":2}}"""u8.ToArray(), 1);

        // Alive, and nobody moves.
        for (var hour = 0; hour < 4; hour++)
        {
            _time.Advance(TimeSpan.FromMinutes(59));
            await device.DisposeAsync();
            device = await _hub.DeviceAsync(TestWorld.Fall);
            await device.PublishAsync($"care/v1/{TestWorld.Fall}/reading", """{"values":{"motion":0}}"""u8.ToArray(), 1);
        }

        await using var console = await _hub.ConsoleAsync();
        Assert.Empty(Kinds(await console.GetAsync("/api/v1/alarms?state=open"), "inactivity"));
        _time.Advance(TimeSpan.FromMinutes(5));

        // What is usual is learnt beside the judging, and may come after a minute's look; time goes on until the next one.
        var alarm = await Eventually.Value(
            async () =>
            {
                var found = Kinds(await console.GetAsync("/api/v1/alarms?state=open"), "inactivity").FirstOrDefault(each => (bool)each["active"]!);
                if (found is null)
                {
                    _time.Advance(TimeSpan.FromSeconds(10));
                }

                return found;
            },
            "an alarm 'inactivity' is there");
        Assert.Equal((TestWorld.Fall, "motion", "r-1"), ((string)alarm["device"]!["id"]!, (string)alarm["about"]!, (string)alarm["resident"]!["id"]!));

        await device.DisposeAsync();
        await _hub.RestartAsync();
        _time.Advance(TimeSpan.FromMinutes(3));
        await using var later = await _hub.ConsoleAsync();
        await using var back = await _hub.DeviceAsync(TestWorld.Fall);
        await back.PublishAsync($"care/v1/{TestWorld.Fall}/reading", """{"values":{"motion":1}}"""u8.ToArray(), 1);
        Assert.Equal(1, (int)(await AlarmAsync(later, "inactivity", active: false))["count"]!);
        Assert.Single(Kinds(await later.GetAsync("/api/v1/alarms?state=open"), "inactivity"));
    }

    /// <summary>A round has room for a hundred: whoever cannot be learnt must not take up a place in each.</summary>
    [Fact]
    public async Task Who_has_no_device_left_has_their_turn_too()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Fall);
        await device.PublishAsync($"care/v1/{TestWorld.Fall}/reading", """{"values":{"motion":2}}"""u8.ToArray(), 1);
        using (var context = _hub.Services.GetRequiredService<RegistryStore>().CreateContext())
        {
            foreach (var row in context.Devices)
            {
                row.ResidentId = null;
            }

            await context.SaveChangesAsync();
        }

        _hub.Services.GetRequiredService<RegistryView>().Reload();
        var book = _hub.Services.GetRequiredService<HealthBook>();
        Assert.True(book.Knows("r-1"));
        Assert.Null(book.LearntAt("r-1"));
        await Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                return book.LearntAt("r-1") is not null;
            },
            "their turn has come");
    }

    [Fact]
    public async Task What_could_not_be_recorded_is_said_again()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await using var console = await _hub.ConsoleAsync();
        await FindWhatCannotBeRecordedAsync(device);
        Assert.Empty((await console.GetAsync("/api/v1/alarms?state=open")).AsArrayOfItems());
        _time.Advance(TimeSpan.FromMinutes(1));
        await AlarmAsync(console, "vital", active: true);
    }

    [Fact]
    public async Task What_came_and_went_while_nothing_could_be_recorded_is_said_in_its_order()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await using var console = await _hub.ConsoleAsync();
        await FindWhatCannotBeRecordedAsync(device);

        // The end is found before what began is said again.
        await PulseAsync(device, 72, 70);
        await PulseAsync(device, 72, 400);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("returned_unacknowledged", (string)(await AlarmAsync(console, "vital", active: false))["state"]!);
    }

    /// <summary>A pulse out of range, when no commit reaches the disk; afterwards commits do.</summary>
    private async Task FindWhatCannotBeRecordedAsync(MqttClient device)
    {
        _hub.Ledger.Fail(true);
        var arrived = _hub.Ledger.Arrived;
        await PulseAsync(device, 170, 0);
        await PulseAsync(device, 170, 61);
        await Eventually.True(() => _hub.Ledger.Arrived > arrived, "the commit has been tried");
        _hub.Ledger.Fail(false);
    }

    /// <summary>With the device's own time, so that the test need not wait.</summary>
    private async Task PulseAsync(MqttClient device, double value, int second)
    {
        var at = _time.GetUtcNow().AddMinutes(-10).AddSeconds(second).ToString("O", CultureInfo.InvariantCulture);
        var payload = string.Create(CultureInfo.InvariantCulture, $$$"""{"at":"{{{at}}}","values":{"heart_rate":{{{value}}}}}""");
        Assert.True((await device.PublishAsync($"care/v1/{device.ClientId}/reading", Encoding.UTF8.GetBytes(payload), 1)).IsSuccess);
    }

    private static async Task<JsonNode> AlarmAsync(TestConsole console, string kind, bool active)
    {
        return await Eventually.Value(
            async () => Kinds(await console.GetAsync("/api/v1/alarms?state=open"), kind).FirstOrDefault(alarm => (bool)alarm["active"]! == active),
            $"an alarm '{kind}' is there, active: {active}");
    }

    private static List<JsonNode> Kinds(JsonNode page, string kind) => [.. page.AsArrayOfItems().Where(alarm => (string)alarm["kind"]! == kind)];
}

internal static class PageExtensions
{
    public static List<JsonNode> AsArrayOfItems(this JsonNode page) => [.. page["items"]!.AsArray().Select(item => item!)];
}
