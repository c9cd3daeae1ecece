using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>Receive Maximum, Maximum Packet Size, message expiry, keep-alive: §3.1.2.10, §3.1.2.11, §3.3.2.3.3, §4.9.</summary>
public sealed class FlowControlTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_broker_keeps_within_the_client_s_receive_maximum(int qos)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, props: Prop(0x21, U16(2)));
        await client.SubscribeAsync("t", qos);
        for (var i = 0; i < 5; i++)
        {
            broker.Server.Publish("t", new[] { (byte)('0' + i) }, (byte)qos, retain: false);
        }

        var window = new Queue<int>([(await client.PublishAsync()).Id, (await client.PublishAsync()).Id]);
        await client.ExpectNothingAsync(); // [MQTT-3.1.2-... Receive Maximum], [MQTT-3.3.4-9], [MQTT-4.9.0-2]
        for (var i = 2; i < 5; i++)
        {
            var id = window.Dequeue();
            if (qos == 1)
            {
                await client.SendAsync(Puback(id));
            }
            else
            {
                await client.SendAsync(Pubrec(id));
                await client.ReceiveAsync(6);
                await client.ExpectNothingAsync(); // PUBREC alone frees nothing (§4.9)
                await client.SendAsync(Pubcomp(id));
            }

            var next = await client.PublishAsync();
            Assert.Equal($"{i}", next.Payload);
            window.Enqueue(next.Id);
            await client.ExpectNothingAsync();
        }
    }

    [Fact]
    public async Task QoS_0_is_not_held_back_by_the_window()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, props: Prop(0x21, U16(1)));
        await client.SubscribeAsync("t", 1);
        broker.Server.Publish("t", "first"u8.ToArray(), 1, retain: false);
        broker.Server.Publish("t", "second"u8.ToArray(), 1, retain: false);
        broker.Server.Publish("t", "zero"u8.ToArray(), 0, retain: false);
        Assert.Equal("first", (await client.PublishAsync()).Payload);
        Assert.Equal("zero", (await client.PublishAsync()).Payload);
        await client.ExpectNothingAsync(); // [MQTT-4.9.0-3]: other packets go on
    }

    [Fact]
    public async Task Redelivery_keeps_within_the_new_connection_s_window()
    {
        await using var broker = await TestBroker.StartAsync();
        await using (var first = await broker.ConnectPersistentAsync(5, "s"))
        {
            await first.SubscribeAsync("t", 1);
            for (var i = 0; i < 4; i++)
            {
                broker.Server.Publish("t", new[] { (byte)('0' + i) }, 1, retain: false);
                await first.PublishAsync();
            }
        }

        await broker.ConnectionsAsync(0);
        await using var again = await broker.ConnectPersistentAsync(5, "s", Prop(0x21, U16(1)));
        for (var i = 0; i < 4; i++)
        {
            var publish = await again.PublishAsync();
            Assert.Equal(($"{i}", true), (publish.Payload, publish.Dup));
            await again.ExpectNothingAsync();
            await again.SendAsync(Puback(publish.Id));
        }
    }

    [Fact]
    public async Task Exceeding_the_broker_s_receive_maximum_ends_the_connection()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.ReceiveMaximum = 3);
        await using var client = await broker.ConnectAsync(5);
        for (var i = 1; i <= 3; i++)
        {
            await client.SendAsync(Publish(5, "t", "m", 2, i));
            await client.ReceiveAsync(5);
        }

        await client.SendAsync(Pubrel(1));
        await client.ReceiveAsync(7);
        await client.SendAsync(Publish(5, "t", "m", 2, 4));
        await client.ReceiveAsync(5);
        await client.SendAsync(Publish(5, "t", "m", 2, 5));
        await client.ExpectDisconnectAsync(0x93); // [MQTT-3.3.4-7]
    }

    [Fact]
    public async Task A_3_1_1_client_may_have_many_QoS_2_publishes_open()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.ReceiveMaximum = 3);
        await using var client = await broker.ConnectAsync(4);
        for (var i = 1; i <= 20; i++)
        {
            await client.SendAsync(Publish(4, "t", "m", 2, i));
            await client.ReceiveAsync(5);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_packet_that_is_too_large_ends_the_connection_before_it_is_read(int level)
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.PacketBytesMax = 1_000);
        await using var client = await broker.ConnectAsync(level);
        var fits = Publish(level, "t", new string('x', 900));
        await client.SendAsync(fits);
        await client.ExpectNothingAsync();
        await client.SendAsync(Hex("30 FF FF 03")); // the header is enough
        await client.ExpectDisconnectAsync(0x95); // [MQTT-3.2.2-15]
    }

    [Fact]
    public async Task A_message_too_large_for_the_client_is_left_out()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, props: Prop(0x27, U32(60)));
        await client.SubscribeAsync("t", 2);
        for (byte qos = 0; qos <= 2; qos++)
        {
            broker.Server.Publish("t", new byte[100], qos, retain: false);
            broker.Server.Publish("t", "small"u8.ToArray(), qos, retain: false);
            Assert.Equal("small", (await client.PublishAsync()).Payload); // [MQTT-3.1.2-24], [MQTT-3.1.2-25]
        }

        Assert.Equal(3, broker.Server.Statistics.DroppedAsTooLarge);
    }

    [Fact]
    public async Task A_queued_message_expires_and_a_living_one_is_counted_down()
    {
        await using var broker = await TestBroker.StartAsync();
        await using (var first = await broker.ConnectPersistentAsync(5, "s"))
        {
            await first.SubscribeAsync("t", 1);
        }

        await broker.ConnectionsAsync(0);
        await using var publisher = await broker.ConnectAsync(5);
        await publisher.SendAsync(
            Publish(5, "t", "short", 1, 1, props: [Prop(2, U32(5))]),
            Publish(5, "t", "long", 1, 2, props: [Prop(2, U32(60))]),
            Publish(5, "t", "forever", 1, 3));
        for (var i = 0; i < 3; i++)
        {
            await publisher.ReceiveAsync(4);
        }

        broker.Time.AdvanceSeconds(20);
        await using var again = await broker.ConnectPersistentAsync(5, "s");
        var message = await again.PublishAsync();
        Assert.Equal(("long", 40u), (message.Payload, message.Number(2))); // [MQTT-3.3.2-5], [MQTT-3.3.2-6]
        Assert.Null((await again.PublishAsync()).Number(2));
        await again.ExpectNothingAsync();
        Assert.Equal(1, broker.Server.Statistics.Expired);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_ping_is_answered_and_keeps_the_connection(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level, keepAlive: 10);
        for (var i = 0; i < 5; i++)
        {
            broker.Time.AdvanceSeconds(12);
            await client.ExpectNothingAsync(); // [MQTT-3.12.4-1]
        }

        broker.Time.AdvanceSeconds(16);
        await client.ExpectDisconnectAsync(0x8D); // [MQTT-3.1.2-22]
    }

    [Fact]
    public async Task Keep_alive_0_is_no_keep_alive()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(4, keepAlive: 0);
        broker.Time.AdvanceSeconds(20_000);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task The_server_s_keep_alive_wins_in_5_0()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.KeepAliveSecondsMax = 20);
        foreach (var asked in new[] { 0, 21, 60 })
        {
            await using var client = await broker.OpenAsync(5);
            Assert.Equal(20u, (await client.ConnectAsync(Connect(5, $"k{asked}", keepAlive: asked))).Number(0x13)); // [MQTT-3.1.2-21], [MQTT-3.2.2-21]
            broker.Time.AdvanceSeconds(31);
            await client.ExpectDisconnectAsync(0x8D);
        }

        await using var modest = await broker.OpenAsync(5);
        Assert.Null((await modest.ConnectAsync(Connect(5, "m", keepAlive: 20))).Number(0x13));
    }

    [Fact]
    public async Task A_connection_without_CONNECT_is_closed_in_time()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.ConnectTimeoutMs = 5_000);
        await using var silent = await broker.OpenAsync(4);
        await using var slow = await broker.OpenAsync(4);
        await slow.SendAsync(Hex("10 0d 00 04 4d"));
        await broker.ConnectionsAsync(2);
        broker.Time.AdvanceSeconds(4);
        Assert.Equal(2, broker.Server.ConnectionCount);
        broker.Time.AdvanceSeconds(2);
        await silent.ExpectClosedAsync();
        await slow.ExpectClosedAsync();
    }

    [Fact]
    public async Task Stopping_says_goodbye()
    {
        var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await using var old = await broker.ConnectAsync(4);
        await broker.DisposeAsync();
        await client.ExpectDisconnectAsync(0x8B);
        await old.ExpectClosedAsync();
    }

    [Fact]
    public async Task The_host_may_disconnect_a_client()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, "bad");
        Assert.True(broker.Server.Disconnect("bad"));
        await client.ExpectDisconnectAsync(0x98);
        Assert.False(broker.Server.Disconnect("nobody"));
    }

    [Fact]
    public async Task What_was_sent_does_not_expire()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var publisher = await broker.ConnectAsync(5);
        await using (var first = await broker.ConnectPersistentAsync(5, "s"))
        {
            await first.SubscribeAsync("t", 2);
            await publisher.SendAsync(Publish(5, "t", "m", 2, 1, props: Prop(2, U32(5))));
            await publisher.ReceiveAsync(5);
            await first.PublishAsync();
        }

        await broker.ConnectionsAsync(1);
        broker.Time.AdvanceSeconds(60);
        await using var again = await broker.ConnectPersistentAsync(5, "s");
        var publish = await again.PublishAsync();
        Assert.True(publish.Dup); // [MQTT-4.3.3-7]
        await again.SendAsync(Pubrec(publish.Id));
        await again.ReceiveAsync(6); // [MQTT-4.3.3-13]
        await publisher.SendAsync(Pubrel(1));
        Assert.Equal(0, (await publisher.ReceiveAsync(7)).Reason);
    }

    [Fact]
    public async Task Receive_Maximum_counts_each_unacknowledged_publish_once_and_QoS_0_never()
    {
        var answer = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(answer.Task) };
        await using var broker = await TestBroker.StartAsync(handler, l => l.ReceiveMaximum = 4);
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "t", "m"), Publish(5, "t", "m"), Publish(5, "t", "m"));
        await client.SendAsync(Publish(5, "t", "m", 2, 1), Publish(5, "t", "m", 2, 2), Publish(5, "t", "m", 2, 3), Publish(5, "t", "m", 1, 4));
        await client.ExpectNothingAsync(); // within the window [MQTT-3.3.4-8]
        answer.SetResult(PublishVerdict.Deliver);
        for (var id = 1; id <= 4; id++)
        {
            Assert.Equal(id, (await client.ReceiveAsync(id < 4 ? 5 : 4)).Id);
        }

        await client.SendAsync(Publish(5, "t", "m", 1, 5)); // three are open until PUBREL
        await client.ReceiveAsync(4);
        await client.SendAsync(Publish(5, "t", "m", 2, 6), Publish(5, "t", "m", 2, 7));
        await client.ReceiveAsync(5);
        await client.ExpectDisconnectAsync(0x93); // [MQTT-3.3.4-7]
    }
}
