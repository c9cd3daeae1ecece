using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>Sessions, take-over, redelivery: §3.1.2.4, §3.1.2.11.2, §3.1.4, §4.1, §4.4.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_persistent_session_keeps_subscriptions_and_messages(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using (var first = await broker.ConnectPersistentAsync(level, "s"))
        {
            await first.SubscribeAsync("t", 2);
            await first.SendAsync(Disconnect);
            await first.ExpectClosedAsync(); // [MQTT-3.14.4-1], [MQTT-3.14.4-2]
        }

        await broker.ConnectionsAsync(0);
        for (byte qos = 0; qos <= 2; qos++)
        {
            broker.Server.Publish("t", new[] { (byte)('0' + qos) }, qos, retain: false);
        }

        await using var again = await broker.OpenAsync(level);
        var connack = await again.ConnectAsync(Connect(level, "s", clean: false));
        Assert.True(connack.SessionPresent); // [MQTT-3.2.2-3], [MQTT-3.1.2-5]
        Assert.Equal("1", (await again.PublishAsync()).Payload); // QoS 1 and 2 are kept, QoS 0 is not [MQTT-3.1.2-5] of 3.1.1
        Assert.Equal("2", (await again.PublishAsync()).Payload);
        await again.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Clean_start_forgets(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using (var first = await broker.ConnectPersistentAsync(level, "s"))
        {
            await first.SubscribeAsync("t", 1);
        }

        await broker.ConnectionsAsync(0);
        await using var again = await broker.OpenAsync(level);
        var connack = await again.ConnectAsync(Connect(level, "s", clean: true));
        Assert.False(connack.SessionPresent); // [MQTT-3.1.2-4], [MQTT-3.2.2-2]
        broker.Server.Publish("t", "m"u8.ToArray(), 1, retain: false);
        await again.ExpectNothingAsync();
        Assert.Equal(0, broker.Server.SubscriptionCount);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_session_without_persistence_ends_with_its_connection(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using (var first = await broker.ConnectAsync(level, "s", clean: true))
        {
            await first.SubscribeAsync("t", 1);
        }

        await broker.ConnectionsAsync(0);
        Assert.Equal(0, broker.Server.SessionCount); // [MQTT-3.1.2-6] of 3.1.1
        await using var again = await broker.OpenAsync(level);
        Assert.False((await again.ConnectAsync(Connect(level, "s", clean: false))).SessionPresent);
    }

    [Fact]
    public async Task A_5_0_session_ends_when_its_expiry_has_passed()
    {
        await using var broker = await TestBroker.StartAsync();
        await using (await broker.ConnectAsync(5, "s", clean: false, props: Prop(0x11, U32(10))))
        {
        }

        await broker.ConnectionsAsync(0);
        broker.Time.AdvanceSeconds(9);
        Assert.Equal(1, broker.Server.SessionCount); // [MQTT-3.1.2-23]
        broker.Time.AdvanceSeconds(1.5);
        Assert.Equal(0, broker.Server.SessionCount); // [MQTT-4.1.0-2]
    }

    [Fact]
    public async Task Coming_back_stops_the_expiry()
    {
        await using var broker = await TestBroker.StartAsync();
        await using (await broker.ConnectAsync(5, "s", clean: false, props: Prop(0x11, U32(10))))
        {
        }

        await broker.ConnectionsAsync(0);
        broker.Time.AdvanceSeconds(9);
        await using var again = await broker.OpenAsync(5);
        Assert.True((await again.ConnectAsync(Connect(5, "s", clean: false, props: [Prop(0x11, U32(10))]))).SessionPresent);
        broker.Time.AdvanceSeconds(100);
        Assert.Equal(1, broker.Server.SessionCount);
        await again.DisposeAsync();
        await broker.ConnectionsAsync(0);
        broker.Time.AdvanceSeconds(9);
        Assert.Equal(1, broker.Server.SessionCount);
        broker.Time.AdvanceSeconds(2);
        Assert.Equal(0, broker.Server.SessionCount);
    }

    [Fact]
    public async Task DISCONNECT_may_change_the_expiry()
    {
        await using var broker = await TestBroker.StartAsync();
        var client = await broker.ConnectAsync(5, "s", clean: false, props: Prop(0x11, U32(100)));
        await client.SendAsync(Packet(0xE0, [0], Props(Prop(0x11, U32(0)))));
        await client.ExpectClosedAsync();
        await Wait.UntilAsync(() => broker.Server.SessionCount == 0); // §3.14.2.2.2
        await client.DisposeAsync();
    }

    [Fact]
    public async Task DISCONNECT_must_not_make_a_session_persistent()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Packet(0xE0, [0], Props(Prop(0x11, U32(5)))));
        await client.ExpectDisconnectAsync(0x82); // §3.14.2.2.2
    }

    [Fact]
    public async Task A_longer_expiry_than_allowed_is_answered_with_the_bound()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.SessionExpirySecondsMax = 60);
        await using var client = await broker.OpenAsync(5);
        Assert.Equal(60u, (await client.ConnectAsync(Connect(5, "a", props: [Prop(0x11, U32(uint.MaxValue))]))).Number(0x11)); // §3.2.2.3.2
        await using var modest = await broker.OpenAsync(5);
        Assert.Null((await modest.ConnectAsync(Connect(5, "b", props: [Prop(0x11, U32(60))]))).Number(0x11));
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, 5)]
    [InlineData(5, 4)]
    [InlineData(5, 5)]
    public async Task The_newer_connection_takes_the_client_identifier(int older, int newer)
    {
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler);
        await using var first = await broker.ConnectPersistentAsync(older, "s");
        await first.SubscribeAsync("t", 1);
        await using var second = await broker.OpenAsync(newer);
        var connack = await second.ConnectAsync(Connect(newer, "s", clean: false));
        Assert.True(connack.SessionPresent);
        await first.ExpectDisconnectAsync(0x8E); // [MQTT-3.1.4-3], [MQTT-3.1.4-2] of 3.1.1
        broker.Server.Publish("t", "m"u8.ToArray(), 1, retain: false);
        Assert.Equal("m", (await second.PublishAsync()).Payload);
        await Wait.UntilAsync(() => handler.Gone.Contains(("s", DisconnectCause.TakenOver)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_was_not_acknowledged_is_sent_again_in_order_with_DUP(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        List<(int Id, string Payload, int Qos)> sent = [];
        await using (var first = await broker.ConnectPersistentAsync(level, "s"))
        {
            await first.SubscribeAsync("t", 2);
            for (var i = 0; i < 6; i++)
            {
                broker.Server.Publish("t", new[] { (byte)('a' + i) }, (byte)(1 + (i % 2)), retain: false);
                var publish = await first.PublishAsync();
                sent.Add((publish.Id, publish.Payload, publish.Qos));
            }

            await first.SendAsync(Puback(sent[2].Id), Pubrec(sent[3].Id), Pubrec(sent[5].Id));
            await first.ReceiveAsync(6);
            await first.ReceiveAsync(6);
            await first.SendAsync(Pubcomp(sent[5].Id));
            await first.ExpectNothingAsync();
        }

        await broker.ConnectionsAsync(0);
        broker.Server.Publish("t", "later"u8.ToArray(), 1, retain: false);
        await using var again = await broker.OpenAsync(level);
        await again.ConnectAsync(Connect(level, "s", clean: false));
        foreach (var index in new[] { 0, 1 })
        {
            var publish = await again.PublishAsync();
            Assert.Equal(sent[index], (publish.Id, publish.Payload, publish.Qos)); // [MQTT-4.4.0-1], [MQTT-4.6.0-1]
            Assert.True(publish.Dup); // [MQTT-3.3.1-1]
        }

        Assert.Equal(sent[3].Id, (await again.ReceiveAsync(6)).Id);
        var last = await again.PublishAsync();
        Assert.Equal((sent[4].Payload, true), (last.Payload, last.Dup));
        var fresh = await again.PublishAsync();
        Assert.Equal(("later", false), (fresh.Payload, fresh.Dup));
        Assert.DoesNotContain(fresh.Id, new[] { sent[0].Id, sent[1].Id, sent[3].Id, sent[4].Id }); // [MQTT-2.2.1-4]
        await again.SendAsync(Pubcomp(sent[3].Id));
        await again.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Received_QoS_2_identifiers_survive_a_reconnect(int level)
    {
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler);
        await using (var first = await broker.ConnectPersistentAsync(level, "s"))
        {
            await first.SendAsync(Publish(level, "t", "once", 2, 5));
            await first.ReceiveAsync(5);
        }

        await broker.ConnectionsAsync(0);
        await using var again = await broker.OpenAsync(level);
        await again.ConnectAsync(Connect(level, "s", clean: false));
        await again.SendAsync(Publish(level, "t", "once", 2, 5, dup: true));
        await again.ReceiveAsync(5);
        await again.SendAsync(Pubrel(5));
        Assert.Equal(0, (await again.ReceiveAsync(7)).Reason);
        Assert.Single(handler.Published); // §4.1, [MQTT-4.3.3-10]
    }

    [Fact]
    public async Task A_session_serves_both_versions_in_turn()
    {
        await using var broker = await TestBroker.StartAsync();
        await using (var old = await broker.ConnectPersistentAsync(4, "s"))
        {
            await old.SubscribeAsync("t", 1);
        }

        await broker.ConnectionsAsync(0);
        broker.Server.Publish("t", "m"u8.ToArray(), 1, retain: false);
        await using var client = await broker.OpenAsync(5);
        Assert.True((await client.ConnectAsync(Connect(5, "s", clean: false, props: [Prop(0x11, U32(60))]))).SessionPresent);
        Assert.Equal("m", (await client.PublishAsync()).Payload);
    }

    [Fact]
    public async Task A_full_queue_drops_the_newest_and_counts_it()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.QueuedMessagesMax = 3);
        await using (var first = await broker.ConnectPersistentAsync(4, "s"))
        {
            await first.SubscribeAsync("t", 1);
        }

        await broker.ConnectionsAsync(0);
        for (var i = 0; i < 5; i++)
        {
            broker.Server.Publish("t", new[] { (byte)('0' + i) }, 1, retain: false);
        }

        Assert.Equal(2, broker.Server.Statistics.DroppedForFullQueue);
        await using var again = await broker.OpenAsync(4);
        await again.ConnectAsync(Connect(4, "s", clean: false));
        foreach (var expected in new[] { "0", "1", "2" })
        {
            Assert.Equal(expected, (await again.PublishAsync()).Payload);
        }

        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task Queues_are_bounded_in_bytes_each_and_together()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => { l.QueuedBytesMax = 1_000; l.QueuedBytesOfAllMax = 1_500; });
        foreach (var id in new[] { "a", "b" })
        {
            await using var client = await broker.ConnectPersistentAsync(4, id);
            await client.SubscribeAsync(id, 1);
        }

        await broker.ConnectionsAsync(0);
        void Send(string topic) => broker.Server.Publish(topic, new byte[500], 1, retain: false);
        Send("a");
        Send("a");
        Send("a"); // over a's own bound
        Assert.Equal(1, broker.Server.Statistics.DroppedForFullQueue);
        Send("b");
        Send("b"); // over that of all
        Assert.Equal(2, broker.Server.Statistics.DroppedForFullQueue);
        await using (await broker.ConnectAsync(4, "a", clean: true))
        {
        }

        Send("b"); // what a had is free again
        Assert.Equal(2, broker.Server.Statistics.DroppedForFullQueue);
        await using var again = await broker.ConnectPersistentAsync(4, "b");
        await again.PublishAsync();
        await again.PublishAsync();
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task No_more_sessions_than_allowed()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.SessionsMax = 1);
        await using var first = await broker.ConnectAsync(5, "a");
        await using var second = await broker.OpenAsync(5);
        Assert.Equal(0x97, (await second.ConnectAsync(Connect(5, "b"))).Reason);
        await using var third = await broker.OpenAsync(4);
        Assert.Equal(3, (await third.ConnectAsync(Connect(4, "b"))).Reason);
        // The same client identifier needs no room of its own.
        await using var same = await broker.ConnectAsync(5, "a");
    }
}
