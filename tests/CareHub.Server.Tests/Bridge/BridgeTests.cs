using CareHub.Mqtt.Tests.Support;
using CareHub.Server.Bridge;
using CareHub.Server.Tests.Support;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.Tests.Bridge;

/// <summary>Messages of a real mosquitto pass into the hub; promise 1 holds up to there.</summary>
public sealed class BridgeTests
{
    private const string Press = """{"id":"01J0000001","type":"button"}""";
    private const string SentToHub = $"Sending PUBLISH to {Upstream.Signals}";
    private const string AcknowledgedByHub = $"Received PUBACK from {Upstream.Signals}";

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task A_press_at_the_other_broker_is_an_alarm_and_acknowledged_there_only_after_the_commit(string version)
    {
        await using var upstream = await MosquittoBroker.StartAsync();
        await using var hub = await Upstream.HubAsync(upstream, Upstream.BridgeOf(upstream, version: version));
        await using var console = await hub.ConsoleAsync();
        hub.Ledger.Hold();
        var before = hub.Ledger.Arrived;

        await upstream.SignalAsync(TestWorld.Button, Press);
        await Eventually.True(() => hub.Ledger.Arrived > before, "the commit has begun");

        // The commit stands still. The other lane is served meanwhile.
        await upstream.PublishAsync($"care/v1/{TestWorld.Button}/reading", """{"values":{"battery":88}}""");
        await upstream.LogAsync($"Received PUBACK from {Upstream.Telemetry}");
        Assert.Equal((1, 0), (upstream.Count(SentToHub), upstream.Count(AcknowledgedByHub)));
        Assert.Equal((1, 0L), (hub.BridgeStatus().Waiting, hub.BridgeStatus().Acknowledged));
        Assert.Empty(hub.OpenAlarms().Alarms);

        hub.Ledger.Release();
        await upstream.LogAsync(AcknowledgedByHub);
        Assert.Single(hub.OpenAlarms().Alarms);
        var status = (await console.GetAsync("/api/v1/status"))["bridges"]!.AsArray().Single(bridge => (string?)bridge!["lane"] == "signals")!;
        Assert.Equal(("city", true, 1, 1, 0), ((string?)status["name"], (bool)status["connected"]!, (int)status["received"]!, (int)status["acknowledged"]!, (int)status["waiting"]!));
        Assert.NotNull(status["connectedSince"]);
    }

    [Fact]
    public async Task What_could_not_be_committed_comes_again()
    {
        await using var upstream = await MosquittoBroker.StartAsync();
        await using var hub = await Upstream.HubAsync(upstream, Upstream.BridgeOf(upstream));
        hub.Ledger.Fail(true);

        await upstream.SignalAsync(TestWorld.Button, Press);
        await upstream.LogAsync(SentToHub, times: 2);
        Assert.Equal(0, upstream.Count(AcknowledgedByHub));
        Assert.Contains("disk is full", hub.BridgeStatus().LastError, StringComparison.Ordinal);

        hub.Ledger.Fail(false);
        await upstream.LogAsync(AcknowledgedByHub);
        Assert.Equal(1, hub.OpenAlarms().Alarms.Single().Count);
    }

    [Fact]
    public async Task A_hub_that_is_killed_before_the_commit_gets_the_press_again()
    {
        var data = Path.Combine(Path.GetTempPath(), $"carehub-bridge-{Guid.NewGuid():N}");
        TestWorld.Create(data);
        await using var upstream = await MosquittoBroker.StartAsync();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CareHub__Bridges__0__Name"] = "city",
            ["CareHub__Bridges__0__Url"] = $"mqtt://127.0.0.1:{upstream.Port}",
            ["CareHub__Bridges__0__ClientId"] = "hub",
        };
        await using (var first = await HubProcess.StartAsync(data, settings: settings))
        {
            await upstream.LogAsync($"Sending SUBACK to {Upstream.Signals}");
            await using var otherWriter = new SqliteConnection($"Data Source={Path.Combine(data, "alarms.db")};Pooling=False");
            await otherWriter.OpenAsync();
            await using var held = otherWriter.BeginTransaction(deferred: false); // no commit of the hub can end now
            await upstream.SignalAsync(TestWorld.Button, Press);
            await upstream.LogAsync(SentToHub);
            await first.KillAsync();
        }

        Assert.Equal(0, upstream.Count(AcknowledgedByHub));
        await using (var second = await HubProcess.StartAsync(data, settings: settings))
        {
            await upstream.LogAsync(AcknowledgedByHub);
            await using var console = await TestConsole.SignInAsync(second.Url, "operator", TestHub.Password);
            Assert.Equal("home-1.1", (string?)Assert.Single((await console.GetAsync("/api/v1/alarms"))["items"]!.AsArray())!["id"]);
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_killed_broker_that_kept_its_messages_loses_none_and_the_bridge_comes_back()
    {
        await using var upstream = await MosquittoBroker.StartAsync(MosquittoBroker.Persistent);
        await using var hub = await Upstream.HubAsync(upstream, Upstream.BridgeOf(upstream));
        await upstream.SignalAsync(TestWorld.Button, Press);
        await upstream.LogAsync(AcknowledgedByHub);

        hub.Ledger.Hold();
        await upstream.SignalAsync(TestWorld.Fall, """{"id":"01J0000002","type":"fall"}""");
        await upstream.LogAsync(SentToHub, times: 2);
        await upstream.SaveAsync();
        await upstream.KillAsync();
        await Eventually.True(() => !hub.BridgeStatus().Connected, "the bridge has noticed");
        Assert.Single(hub.OpenAlarms().Alarms);
        hub.Ledger.Release();

        await upstream.LaunchAsync();
        await Eventually.True(() => hub.BridgeStatus() is { Connected: true, SessionPresent: true }, "the bridge is back");
        await upstream.SignalAsync(TestWorld.Smoke, """{"id":"01J0000003","type":"smoke"}""");
        await upstream.LogAsync(AcknowledgedByHub, times: 3);
        Assert.Equal(["button", "fall", "smoke"], hub.OpenAlarms().Alarms.AsEnumerable().Select(alarm => alarm.Kind.ToString().ToLowerInvariant()).Order());
    }

    [Fact]
    public async Task Two_hubs_of_a_group_share_the_messages()
    {
        await using var upstream = await MosquittoBroker.StartAsync();
        var (one, other) = (Upstream.BridgeOf(upstream, "one"), Upstream.BridgeOf(upstream, "other"));
        one.SharedGroup = other.SharedGroup = "hubs";
        await using var first = await Upstream.HubAsync(upstream, one);
        await using var second = await Upstream.HubAsync(upstream, other);

        const int Presses = 20;
        for (var press = 0; press < Presses; press++)
        {
            await upstream.SignalAsync(TestWorld.Button, $$"""{"id":"{{press}}","type":"button"}""");
        }

        await Eventually.True(() => first.BridgeStatus().Acknowledged + second.BridgeStatus().Acknowledged >= Presses, "all are taken");
        var ids = first.OpenAlarms().Signals.Select(signal => signal.SignalId).AsEnumerable().Concat(second.OpenAlarms().Signals.Select(signal => signal.SignalId)).ToList();
        Assert.Equal(Presses, ids.Count);
        Assert.Equal(Presses, ids.Distinct().Count());
        Assert.All([first, second], hub => Assert.InRange(hub.BridgeStatus().Received, 1, Presses - 1));
    }

    [Fact]
    public async Task What_was_retained_raises_nothing_but_is_kept_for_a_person()
    {
        await using var upstream = await MosquittoBroker.StartAsync();
        await upstream.SignalAsync(TestWorld.Button, Press, "-r");
        await upstream.PublishAsync($"care/v1/{TestWorld.Fall}/status", """{"online":false}""", "-r");
        await using var hub = await Upstream.HubAsync(upstream, Upstream.BridgeOf(upstream, version: "3.1.1"));
        await upstream.LogAsync(AcknowledgedByHub, times: 2);

        Assert.Empty(hub.OpenAlarms().Alarms);
        Assert.Equal(2, hub.BridgeStatus().Stale);
        Assert.StartsWith("retained by another broker", Assert.Single(hub.OpenAlarms().Quarantine).Reason, StringComparison.Ordinal);

        // The same signal said now is a signal.
        await upstream.SignalAsync(TestWorld.Button, Press);
        await upstream.LogAsync(AcknowledgedByHub, times: 3);
        Assert.Single(hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task Strangers_and_other_topics_are_acknowledged_counted_and_a_strangers_signal_is_kept()
    {
        await using var upstream = await MosquittoBroker.StartAsync();
        var bridge = Upstream.BridgeOf(upstream);
        bridge.SignalFilters.Add("care/v1/+/signal");
        bridge.SignalFilters.Add("elsewhere/#");
        await using var hub = await Upstream.HubAsync(upstream, bridge);

        await upstream.SignalAsync("btn-99", Press);
        await upstream.SignalAsync("btn-99", Press);
        await upstream.PublishAsync("care/v1/btn-99/reading", "{}");
        await upstream.PublishAsync("elsewhere/x", "hello");
        await upstream.SignalAsync(TestWorld.Button, "no JSON");
        await upstream.LogAsync(AcknowledgedByHub, times: 4);
        await upstream.LogAsync($"Received PUBACK from {Upstream.Telemetry}");

        Assert.Equal((2L, 1L), (hub.BridgeStatus().Unregistered, hub.BridgeStatus().Foreign));
        Assert.Equal(1, hub.BridgeStatus(BridgeLane.Telemetry).Unregistered);
        Assert.Equal([TestWorld.Button, "btn-99"], hub.OpenAlarms().Quarantine.Select(row => row.DeviceId).AsEnumerable().Order(StringComparer.Ordinal));
        Assert.Empty(hub.OpenAlarms().Alarms);
        await using var supervisor = await hub.ConsoleAsync("supervisor");
        Assert.Equal(2, (await supervisor.GetAsync("/api/v1/quarantine"))["items"]!.AsArray().Count);
    }
}
