using System.Text;
using System.Text.Json.Nodes;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Mqtt.Client;
using CareHub.Server.Jobs;
using CareHub.Server.Tests.Support;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Presence;

/// <summary>A street without power is one alarm for the person at the desk, and a device that stays away is still missed.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const int Sites = 10;
    private const int DevicesPerSite = 3;

    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    private static IEnumerable<string> Devices => Enumerable.Range(0, Sites * DevicesPerSite).Select(device => $"street-{device:00}");

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync(_time);
        var data = DataDirectory.Open(_hub.DataDirectory);
        var secrets = new DeviceSecrets(data.DeviceSecretKey());
        await using (var context = RegistryStore.Open(data).CreateContext())
        {
            context.Sites.AddRange(Enumerable.Range(0, Sites).Select(site => new SiteRow { Id = $"street-home-{site}", RegionId = "north", Kind = "home", Name = $"桥头街 {site} 号" }));
            context.Devices.AddRange(Devices.Select((id, index) => new DeviceRow
            {
                Id = id, Kind = DeviceKinds.SmokeDetector, SiteId = $"street-home-{index % Sites}", SecretHash = secrets.Hash(TestHub.Secret), IntervalSeconds = 300,
            }));
            await context.SaveChangesAsync();
        }

        _hub.Services.GetRequiredService<RegistryView>().Reload();
    }

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task Connections_that_break_all_over_a_street_are_one_alarm()
    {
        await LoseAsync(Devices);

        var outage = await TheOutageAsync();
        Assert.Equal(("~north", Priority.High, true), (outage.SiteId, outage.Priority, outage.Active));
        await Eventually.True(() => Offline().Count == Sites * DevicesPerSite, "every silence is on record");
        Assert.All(Offline(), alarm => Assert.Equal((SuppressionKind.ByDesign, outage.Id), (alarm.SuppressedBy, alarm.SuppressionCause)));

        // What the desk of that community sees, and the desk of another does not.
        Assert.Equal("outage", (string?)Assert.Single(await QueueAsync("north"), IsAudible)["kind"]);
        Assert.Empty(await QueueAsync("south"));
        await using var console = await _hub.ConsoleAsync("north");
        var explains = (await console.GetAsync($"/api/v1/alarms/{outage.Id}"))["explains"]!;
        Assert.Equal(Sites * DevicesPerSite, (int)explains["count"]!);
        Assert.Contains("桥头街 0 号", explains["items"]!.AsArray().Select(each => (string?)each!["site"]));
    }

    [Fact]
    public async Task An_outage_of_the_city_is_seen_by_the_desks_of_its_communities_and_each_sees_its_own_part()
    {
        await MoveSouthAsync(site => site % 2 == 1);
        await using var south = await _hub.ConsoleAsync("south");
        await south.ConnectAsync();
        await south.InvokeAsync("Subscribe", [null]);

        await LoseAsync(Devices);
        var outage = await TheOutageAsync();
        await Eventually.True(() => Offline().Count == Sites * DevicesPerSite, "every silence is on record");

        Assert.Equal("~city", outage.SiteId);
        JsonNode pushed;
        do
        {
            pushed = await south.NextAsync("delta");
        }
        while ((string?)pushed["alarm"]!["id"] != outage.Id);
        foreach (var desk in new[] { "north", "south" })
        {
            Assert.Equal("outage", (string?)Assert.Single(await QueueAsync(desk), IsAudible)["kind"]);
            await using var console = await _hub.ConsoleAsync(desk);
            Assert.Equal(Sites * DevicesPerSite / 2, (int)(await console.GetAsync($"/api/v1/alarms/{outage.Id}"))["explains"]!["count"]!);
        }
    }

    [Fact]
    public async Task When_the_street_is_back_the_outage_returns_and_who_is_still_silent_is_missed()
    {
        await LoseAsync(Devices);
        await TheOutageAsync();
        await Eventually.True(() => Offline().Count == Sites * DevicesPerSite, "every silence is on record");

        foreach (var device in Devices.Skip(2))
        {
            await using var back = await _hub.DeviceAsync(device);
            await back.StatusAsync("""{"online":true}""");
        }

        await Eventually.True(() => Offline().Count(alarm => alarm.Active) == 2, "the returns are on record");
        await SweepAsync();
        Assert.False((await TheOutageAsync()).Active);
        Assert.All(Offline().Where(alarm => alarm.Active), alarm => Assert.NotNull(alarm.SuppressedBy));

        _time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.True(() => Offline().Count(alarm => alarm is { Active: true, SuppressedBy: null, Priority: Priority.Medium }) == 2, "the two sound");
    }

    [Fact]
    public async Task An_outage_survives_a_restart_of_the_hub_and_covers_who_falls_silent_after_it()
    {
        await LoseAsync(Devices.Where((_, index) => index % Sites != 0));
        var outage = await TheOutageAsync();
        await Eventually.True(() => Offline().Count == (Sites - 1) * DevicesPerSite, "every silence is on record");

        await _hub.RestartAsync();
        await LoseAsync(Devices.Where((_, index) => index % Sites == 0));
        await Eventually.True(() => Offline().Count == Sites * DevicesPerSite, "every silence is on record");
        Assert.All(Offline(), alarm => Assert.Equal(outage.Id, alarm.SuppressionCause));

        foreach (var device in Devices)
        {
            await using var back = await _hub.DeviceAsync(device);
            await back.StatusAsync("""{"online":true}""");
        }

        await Eventually.True(() => Offline().TrueForAll(alarm => !alarm.Active), "the returns are on record");
        await SweepAsync();
        Assert.False((await TheOutageAsync()).Active);
    }

    [Fact]
    public async Task Closed_by_a_person_while_it_stands_it_is_raised_again()
    {
        await LoseAsync(Devices);
        var outage = await TheOutageAsync();
        await using var console = await _hub.ConsoleAsync();
        await console.PostAsync($"/api/v1/alarms/{outage.Id}/resolve", new { version = outage.Version, disposition = "technical" });
        await Eventually.True(() => Outages().All(alarm => alarm.ClosedAt is not null), "it is closed");

        await SweepAsync();

        Assert.NotEqual(outage.Id, (await TheOutageAsync()).Id);
    }

    [Fact]
    public async Task While_the_hub_was_away_nobody_was_silent()
    {
        await using (var device = await _hub.DeviceAsync(TestWorld.Smoke))
        {
            await device.StatusAsync("""{"online":true}""");
        }

        _time.Advance(TimeSpan.FromMinutes(6));
        await SweepAndSaveAsync();
        await _hub.RestartAsync(() =>
        {
            _time.Advance(TimeSpan.FromHours(3));
            return Task.CompletedTask;
        });

        _time.Advance(TimeSpan.FromMinutes(4));
        await SweepAsync();
        Assert.Empty(Offline());

        _time.Advance(TimeSpan.FromSeconds(1));
        await SweepAsync();
        Assert.Single(Offline());
    }

    private async Task MoveSouthAsync(Func<int, bool> which)
    {
        await using (var context = RegistryStore.Open(DataDirectory.Open(_hub.DataDirectory)).CreateContext())
        {
            foreach (var site in Enumerable.Range(0, Sites).Where(which))
            {
                context.Sites.Single(row => row.Id == $"street-home-{site}").RegionId = "south";
            }

            await context.SaveChangesAsync();
        }

        _hub.Services.GetRequiredService<RegistryView>().Reload();
    }

    private async Task LoseAsync(IEnumerable<string> devices)
    {
        var expected = Signals(SignalKind.Offline) + devices.Count();
        foreach (var device in devices)
        {
            // Dropped without a DISCONNECT: the broker publishes the will.
            var will = new MqttWill { Topic = $"care/v1/{device}/status", Payload = Encoding.UTF8.GetBytes("""{"online":false}"""), Qos = 1 };
            var client = await _hub.DeviceAsync(device, will: will);
            await client.StatusAsync("""{"online":true}""");
            await client.DisposeAsync();
        }

        await Eventually.True(() => Signals(SignalKind.Offline) >= expected, "the wills are on record");
        _time.Advance(TimeSpan.FromSeconds(10));
    }

    private async Task<AlarmRow> TheOutageAsync()
    {
        await Eventually.True(() => Outages().Any(alarm => alarm.ClosedAt is null), "there is an outage");
        return Assert.Single(Outages(), alarm => alarm.ClosedAt is null);
    }

    private List<AlarmRow> Outages() => Alarms(SignalKind.Outage);

    private List<AlarmRow> Offline() => Alarms(SignalKind.Offline);

    private List<AlarmRow> Alarms(SignalKind kind)
    {
        using var context = _hub.OpenAlarms();
        return [.. context.Alarms.Where(alarm => alarm.Kind == kind)];
    }

    private int Signals(SignalKind kind)
    {
        using var context = _hub.OpenAlarms();
        return context.Signals.Count(signal => signal.Kind == kind);
    }

    private Task SweepAsync() => ActivatorUtilities.CreateInstance<SupervisionSweep>(_hub.Services).SweepAsync();

    private Task SweepAndSaveAsync() => ActivatorUtilities.CreateInstance<SupervisionSweep>(_hub.Services).Execute(null!).AsTask();

    private async Task<List<JsonNode>> QueueAsync(string user)
    {
        await using var console = await _hub.ConsoleAsync(user);
        await console.ConnectAsync();
        return [.. (await console.InvokeAsync("Subscribe", [null]))["alarms"]!.AsArray().Select(alarm => alarm!)];
    }

    private static bool IsAudible(JsonNode alarm) => alarm["suppression"] is null;
}
