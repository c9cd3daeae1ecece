using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>Wills: §3.1.2.5, §3.1.3.2.</summary>
public sealed class WillTests
{
    private static async Task<RawClient> WithWillAsync(TestBroker broker, int level, string id = "w", uint delay = 0, uint expiry = 0, bool clean = true, int qos = 0, bool retain = false, params byte[][] willProps)
    {
        var client = await broker.OpenAsync(level);
        byte[][] props = delay > 0 ? [Prop(0x18, U32(delay)), .. willProps] : willProps;
        var connack = await client.ConnectAsync(Connect(
            level, id, clean, will: Will(level, "will/t", "gone", props), willQos: qos, willRetain: retain,
            props: level == 5 && expiry > 0 ? [Prop(0x11, U32(expiry))] : []));
        Assert.Equal(0, connack.Reason);
        return client;
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_lost_connection_publishes_the_will(int level)
    {
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler);
        await using var watcher = await broker.ConnectAsync(level);
        await watcher.SubscribeAsync("will/#", 2);
        var client = await WithWillAsync(broker, level, qos: 2, retain: true);
        await client.DisposeAsync();
        var will = await watcher.PublishAsync();
        Assert.Equal(("will/t", "gone", 2), (will.Topic, will.Payload, will.Qos)); // [MQTT-3.1.2-8], [MQTT-3.1.2-14]
        Assert.Equal(1, broker.Server.RetainedCount); // [MQTT-3.1.2-15]
        Assert.Equal(new Seen("w", "will/t", "gone", 2, true, false, true), Assert.Single(handler.Published));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task DISCONNECT_removes_the_will(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(level);
        await watcher.SubscribeAsync("#");
        await using var client = await WithWillAsync(broker, level);
        await client.SendAsync(Disconnect);
        await client.ExpectClosedAsync();
        await broker.ConnectionsAsync(1);
        await watcher.ExpectNothingAsync(); // [MQTT-3.1.2-10], [MQTT-3.14.4-3]
    }

    [Fact]
    public async Task DISCONNECT_with_0x04_publishes_the_will()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await using var client = await WithWillAsync(broker, 5);
        await client.SendAsync(Hex("E0 01 04"));
        Assert.Equal("gone", (await watcher.PublishAsync()).Payload); // §3.14.2.1
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_broken_protocol_publishes_the_will(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(level);
        await watcher.SubscribeAsync("#");
        await using var client = await WithWillAsync(broker, level);
        await client.SendAsync(Hex("00 00"));
        Assert.Equal("gone", (await watcher.PublishAsync()).Payload); // [MQTT-3.1.2-8]
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Silence_beyond_the_keep_alive_publishes_the_will(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(level);
        await watcher.SubscribeAsync("#");
        await using var client = await broker.OpenAsync(level);
        await client.ConnectAsync(Connect(level, "w", keepAlive: 10, will: Will(level, "t", "silent")));
        broker.Time.AdvanceSeconds(14.5);
        await watcher.ExpectNothingAsync();
        broker.Time.AdvanceSeconds(1);
        Assert.Equal("silent", (await watcher.PublishAsync()).Payload); // [MQTT-3.1.2-22], [MQTT-3.1.2-24] of 3.1.1
        await client.ExpectDisconnectAsync(0x8D);
    }

    [Fact]
    public async Task Properties_of_the_will_are_published()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        var client = await WithWillAsync(broker, 5, willProps:
            [Prop(1, 1), Prop(2, U32(30)), Prop(3, Str("text/plain")), Prop(8, Str("r")), Prop(9, Bin([7])), UserProp("b", "1"), UserProp("a", "2")]);
        await client.DisposeAsync();
        var will = await watcher.PublishAsync();
        Assert.Equal(["b", "a"], will.Properties.Where(p => p.Id == 0x26).Select(p => ((char)p.Value[2]).ToString())); // [MQTT-3.1.3-10]
        Assert.Equal(30u, will.Number(2));
        Assert.Equal("text/plain", will.Text(3));
        Assert.Null(will.Property(0x18));
    }

    [Fact]
    public async Task A_delayed_will_waits()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await (await WithWillAsync(broker, 5, delay: 10, expiry: 100)).DisposeAsync();
        await broker.ConnectionsAsync(1);
        broker.Time.AdvanceSeconds(9);
        await watcher.ExpectNothingAsync();
        broker.Time.AdvanceSeconds(1.5);
        Assert.Equal("gone", (await watcher.PublishAsync()).Payload); // §3.1.3.2.2
        broker.Time.AdvanceSeconds(200);
        await watcher.ExpectNothingAsync(); // [MQTT-3.1.2-10]: once
    }

    [Fact]
    public async Task A_delayed_will_is_published_when_the_session_ends_first()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await (await WithWillAsync(broker, 5, delay: 100, expiry: 10)).DisposeAsync();
        await broker.ConnectionsAsync(1);
        broker.Time.AdvanceSeconds(10.5);
        await watcher.PublishAsync(); // §3.1.3.2.2
    }

    [Fact]
    public async Task A_delayed_will_without_a_lasting_session_is_published_at_once()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await (await WithWillAsync(broker, 5, delay: 100)).DisposeAsync();
        await watcher.PublishAsync();
    }

    [Fact]
    public async Task Coming_back_in_time_gives_up_the_delayed_will()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await (await WithWillAsync(broker, 5, delay: 10, expiry: 100)).DisposeAsync();
        await broker.ConnectionsAsync(1);
        broker.Time.AdvanceSeconds(5);
        await using var again = await broker.ConnectAsync(5, "w", clean: false, props: Prop(0x11, U32(100)));
        broker.Time.AdvanceSeconds(50);
        await watcher.ExpectNothingAsync(); // [MQTT-3.1.3-9]
    }

    [Fact]
    public async Task Coming_back_clean_ends_the_session_and_publishes_the_delayed_will()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await (await WithWillAsync(broker, 5, delay: 10, expiry: 100)).DisposeAsync();
        await broker.ConnectionsAsync(1);
        await using var again = await broker.ConnectAsync(5, "w", clean: true);
        await watcher.PublishAsync();
    }

    [Theory]
    [InlineData(4, 0u, false, true)]
    [InlineData(5, 0u, false, true)]
    [InlineData(5, 30u, false, false)]
    [InlineData(5, 30u, true, true)]
    public async Task A_take_over_publishes_the_will_unless_it_is_delayed_and_the_session_goes_on(int level, uint delay, bool clean, bool published)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await using var first = await WithWillAsync(broker, level, delay: delay, expiry: 100, clean: false);
        await using var second = await broker.ConnectAsync(level, "w", clean);
        await first.ExpectDisconnectAsync(0x8E);
        if (published)
        {
            await watcher.PublishAsync(); // §3.1.2.5, §3.1.4
        }

        await watcher.ExpectNothingAsync();
        broker.Time.AdvanceSeconds(60);
        await watcher.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4, 5)]
    [InlineData(5, 0x87)]
    public async Task A_will_that_may_not_be_published_refuses_the_connection(int level, int reason)
    {
        var handler = new ScriptedHandler { AllowPublish = topic => topic != "will/t" };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.OpenAsync(level);
        Assert.Equal(reason, (await client.ConnectAsync(Connect(level, "w", will: Will(level, "will/t", "x")))).Reason);
        await client.ExpectClosedAsync();
        await Wait.UntilAsync(() => handler.Gone.Contains(("w", DisconnectCause.ServerDisconnect)));
    }

    [Fact]
    public async Task A_will_that_the_handler_consumes_is_not_routed()
    {
        var handler = new ScriptedHandler { OnPublish = _ => new(PublishVerdict.Consume) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var watcher = await broker.ConnectAsync(4);
        await watcher.SubscribeAsync("#");
        await (await WithWillAsync(broker, 4)).DisposeAsync();
        await Wait.UntilAsync(() => handler.Published.Count == 1);
        await watcher.ExpectNothingAsync();
        Assert.Equal(ReasonCode.Success, PublishVerdict.Consume.Reason);
    }
}
