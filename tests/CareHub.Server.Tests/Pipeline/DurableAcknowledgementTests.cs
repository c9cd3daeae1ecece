using CareHub.Mqtt.Client;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Pipeline;

/// <summary>Promise 1: acknowledged means durable.</summary>
public sealed class DurableAcknowledgementTests
{
    private const string Press = """{"id":"01J0000001","type":"button"}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_acknowledgement_waits_for_the_disk(byte qos)
    {
        await using var hub = await TestHub.StartAsync();
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        hub.Ledger.Hold();
        var before = hub.Ledger.Arrived;

        var acknowledged = device.PublishAsync($"care/v1/{TestWorld.Button}/signal", System.Text.Encoding.UTF8.GetBytes(Press), qos);
        await Eventually.True(() => hub.Ledger.Arrived > before, "the commit has begun");

        // The commit stands still. A later message on the same connection is read meanwhile, so the connection is not.
        await device.SubscribeAsync($"care/v1/{TestWorld.Button}/command");
        Assert.False(acknowledged.IsCompleted);
        Assert.Empty(hub.OpenAlarms().Alarms);

        hub.Ledger.Release();
        Assert.True((await acknowledged).IsSuccess);
        Assert.Single(hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task A_failed_commit_is_not_acknowledged_and_the_signal_counts_when_it_comes_again()
    {
        await using var hub = await TestHub.StartAsync();
        await using var console = await hub.ConsoleAsync();
        await using (var device = await hub.DeviceAsync(TestWorld.Button))
        {
            hub.Ledger.Fail(true);
            await Assert.ThrowsAnyAsync<IOException>(() => device.SignalAsync(Press));
            await device.Closed;
        }

        Assert.Empty((await console.GetAsync("/api/v1/alarms"))["items"]!.AsArray());
        hub.Ledger.Fail(false);
        await using var again = await hub.DeviceAsync(TestWorld.Button);
        Assert.True((await again.SignalAsync(Press)).IsSuccess);

        var alarm = Assert.Single((await console.GetAsync("/api/v1/alarms"))["items"]!.AsArray())!;
        Assert.Equal("home-1.1", (string?)alarm["id"]);
        Assert.Equal(1, (int?)alarm["count"]);
    }

    [Fact]
    public async Task The_same_signal_again_changes_nothing_but_a_count()
    {
        await using var hub = await TestHub.StartAsync();
        await using var device = await hub.DeviceAsync(TestWorld.Button, MqttVersion.V311);
        await device.SignalAsync(Press);
        var before = hub.OpenAlarms().Alarms.Single();

        await device.SignalAsync(Press);
        await Task.WhenAll(device.SignalAsync(Press), device.SignalAsync(Press));

        Assert.Equivalent(before, hub.OpenAlarms().Alarms.Single());
        Assert.Single(hub.OpenAlarms().Timeline);
        Assert.Equal(3, hub.OpenAlarms().Signals.Single().Redeliveries);
    }
}
