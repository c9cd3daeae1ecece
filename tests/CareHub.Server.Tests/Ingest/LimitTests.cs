using System.Net;
using System.Text;
using CareHub.Core.Signals;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Server.Ingest;
using CareHub.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Ingest;

/// <summary>What one device and one address may take, with time in the test's hand.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time, options =>
    {
        options.Mqtt.Limits.TelemetryBurst = 3;
        options.Mqtt.Limits.TelemetryPerSecond = 1;
        options.Mqtt.Limits.SignalBurst = 2;
        options.Mqtt.Limits.SignalsPerSecond = 1;
        options.Mqtt.Limits.ConnectionsPerAddress = 5;
    });

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private IngestCounters Counters => _hub.Services.GetRequiredService<IngestCounters>();

    private static Task<MqttPublishResult> ReadingAsync(MqttClient device, byte qos) =>
        device.PublishAsync($"care/v1/{device.ClientId}/reading", Encoding.UTF8.GetBytes("""{"values":{"battery":50}}"""), qos);

    [Fact]
    public async Task Beyond_its_budget_a_devices_QoS_0_readings_are_shed_and_counted_and_its_signals_are_not()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        for (var i = 0; i < 10; i++)
        {
            await ReadingAsync(device, 0);
        }

        // The acknowledgement of what comes behind them says that they have been seen.
        Assert.True((await device.SignalAsync("""{"id":"1","type":"button"}""")).IsSuccess);
        Assert.Equal((3, 7, 0), (Counters.Readings, Counters.OverBudget, Counters.Paced));

        await using var other = await _hub.DeviceAsync(TestWorld.OtherButton);
        await ReadingAsync(other, 1);
        Assert.Equal((4, 7), (Counters.Readings, Counters.OverBudget));
    }

    [Fact]
    public async Task Beyond_its_budget_a_QoS_1_reading_waits_for_its_turn_unacknowledged_and_a_signal_beside_it_does_not()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        for (var i = 0; i < 3; i++)
        {
            await ReadingAsync(device, 1);
        }

        var waits = ReadingAsync(device, 1);
        await Eventually.True(() => Counters.Paced == 1, "the reading waits");

        // Its alarm is on disk while the reading still waits; acknowledgements keep their order [MQTT-4.6.0-2].
        var signal = device.SignalAsync("""{"id":"1","type":"button"}""");
        await Eventually.True(() => _hub.OpenAlarms().Alarms.Any(), "the signal is committed");
        Assert.False(waits.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await waits.WaitAsync(Eventually.Patience)).IsSuccess);
        Assert.True((await signal.WaitAsync(Eventually.Patience)).IsSuccess);
    }

    [Fact]
    public async Task Beyond_its_budget_a_signal_waits_and_is_never_shed()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        var sent = Enumerable.Range(0, 6).Select(i => device.SignalAsync($$"""{"id":"{{i}}","type":"button"}""")).ToList();
        await Eventually.True(() => Counters.Paced == 4, "four wait");
        await Eventually.True(() => sent.Count(task => task.IsCompleted) == 2, "two are acknowledged");

        // However deep in debt, nobody waits longer than this.
        _time.Advance(Limits.SignalWaitMax);
        foreach (var task in sent)
        {
            Assert.True((await task.WaitAsync(Eventually.Patience)).IsSuccess);
        }

        Assert.Equal(6, _hub.OpenAlarms().Signals.Count());
    }

    [Fact]
    public async Task A_device_that_comes_and_goes_is_one_technical_alarm_until_it_is_calm()
    {
        for (var i = 0; i <= FlapWatch.ConnectsMax + 3; i++)
        {
            await using var device = await _hub.DeviceAsync(TestWorld.Button);
            await device.DisconnectAsync();
        }

        await Eventually.True(() => _hub.OpenAlarms().Alarms.Any(alarm => alarm.Kind == SignalKind.Flapping), "the alarm is raised");
        Assert.Equal(1, _hub.OpenAlarms().Alarms.Single(alarm => alarm.Kind == SignalKind.Flapping).Count);

        // A restart forgets neither that it is raised nor to end it.
        await _hub.RestartAsync();
        _time.Advance(FlapWatch.Window);
        await Eventually.True(
            () =>
            {
                _time.Advance(FlapWatch.LookEvery);
                return _hub.OpenAlarms().Alarms.Single(alarm => alarm.Kind == SignalKind.Flapping).ClosedAt is not null;
            },
            "the alarm is over");
    }

    [Fact]
    public async Task Ten_thousand_devices_behind_one_address_may_come_back_at_once()
    {
        var gate = _hub.Services.GetRequiredService<ConnectGate>();
        var attempt = new ConnectAttempt(TestWorld.Button, 5, TestWorld.Button, Encoding.UTF8.GetBytes(TestHub.Secret), null, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1));
        for (var i = 0; i < 10_000; i++)
        {
            Assert.Equal(ReasonCode.Success, (await gate.DecideAsync(attempt)).Reason);
        }

        Assert.Equal(ReasonCode.ConnectionRateExceeded, (await gate.DecideAsync(attempt)).Reason);

        // Another address is another matter, and time gives back.
        Assert.Equal(ReasonCode.Success, (await gate.DecideAsync(attempt with { Remote = new IPEndPoint(IPAddress.Parse("192.0.2.2"), 1) })).Reason);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(ReasonCode.Success, (await gate.DecideAsync(attempt)).Reason);
    }

    [Fact]
    public void The_neighbours_of_one_IPv6_network_share_its_rate()
    {
        Assert.Equal("2001:db8:0:1::/64", ConnectGate.NetworkOf(new IPEndPoint(IPAddress.Parse("2001:db8:0:1:2:3:4:5"), 1)));
        Assert.Equal("192.0.2.1", ConnectGate.NetworkOf(new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.1"), 1)));
    }

    [Fact]
    public async Task One_address_has_only_so_many_connections()
    {
        var open = new List<MqttClient>();
        for (var i = 0; i < 5; i++)
        {
            open.Add(await MqttClient.ConnectAsync(new MqttClientOptions { Port = _hub.MqttPort, ClientId = $"part-{i}", Username = TestWorld.Button, Password = TestHub.Secret }));
        }

        await Assert.ThrowsAnyAsync<IOException>(() => _hub.DeviceAsync(TestWorld.OtherButton));

        await open[0].DisposeAsync();
        await Eventually.Value<MqttClient>(
            async () =>
            {
                try
                {
                    open.Add(await _hub.DeviceAsync(TestWorld.OtherButton));
                    return open[^1];
                }
                catch (IOException)
                {
                    return null;
                }
            },
            "the place is free again");
        foreach (var client in open)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wrong_secrets_are_throttled_and_the_right_one_from_elsewhere_is_not()
    {
        for (var i = 0; i <= FailedLogins.FreeFailures; i++)
        {
            Assert.Equal(ReasonCode.BadUserNameOrPassword, (await Assert.ThrowsAsync<MqttException>(() => _hub.DeviceAsync(TestWorld.Button, secret: "wrong"))).Reason);
        }

        Assert.Equal(ReasonCode.ConnectionRateExceeded, (await Assert.ThrowsAsync<MqttException>(() => _hub.DeviceAsync(TestWorld.Button, secret: "wrong"))).Reason);
        var gate = _hub.Services.GetRequiredService<ConnectGate>();
        var elsewhere = new ConnectAttempt(TestWorld.Button, 5, TestWorld.Button, Encoding.UTF8.GetBytes(TestHub.Secret), null, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1));
        Assert.Equal(ReasonCode.Success, (await gate.DecideAsync(elsewhere)).Reason);

        // The neighbour at the same address is not held liable.
        await using var neighbour = await _hub.DeviceAsync(TestWorld.OtherButton);
    }
}
