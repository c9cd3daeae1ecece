using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>SUBSCRIBE, UNSUBSCRIBE and topic filters: §3.8 to §3.11, §4.7.</summary>
public sealed class SubscribeTests
{
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "a/b", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/monitor/Clients", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a/+/b", "a//b", true)]
    [InlineData("Accounts payable", "Accounts payable", true)]
    [InlineData("ÄÖ/数据/+", "ÄÖ/数据/🙂", true)]
    [InlineData("/", "/", true)]
    [InlineData("+/+", "/", true)]
    [InlineData("a/$x", "a/$x", true)]
    [InlineData("a/#", "a/$x", true)]
    [InlineData("a/+", "a/$x", true)]
    public async Task Filters_match_as_the_specification_says(string filter, string topic, bool matches)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var level in new[] { 4, 5 })
        {
            // A retained message takes the other way round through another tree; both have to agree.
            broker.Server.Publish(topic, "retained"u8.ToArray(), 0, retain: true);
            await using var client = await broker.ConnectAsync(level);
            await client.SubscribeAsync(filter);
            if (matches)
            {
                var retained = await client.PublishAsync();
                Assert.Equal((topic, true), (retained.Topic, retained.Retain));
            }

            broker.Server.Publish(topic, "live"u8.ToArray(), 0, retain: false);
            if (matches)
            {
                Assert.Equal(topic, (await client.PublishAsync()).Topic); // [MQTT-4.7.1-1] to [MQTT-4.7.3-4]
            }

            await client.ExpectNothingAsync(); // [MQTT-4.7.2-1]
        }
    }

    [Theory]
    [InlineData("a/#/b")]
    [InlineData("a#")]
    [InlineData("a/b#")]
    [InlineData("a+")]
    [InlineData("a/+b/c")]
    [InlineData("##")]
    [InlineData("++")]
    [InlineData("")]
    [InlineData("$share")]
    [InlineData("$share/")]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share//t")]
    [InlineData("$share/g+/t")]
    [InlineData("$share/#/t")]
    [InlineData("$share/g/a#")]
    public async Task An_invalid_filter_is_malformed(string filter)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var level in new[] { 4, 5 })
        {
            await using var subscribing = await broker.ConnectAsync(level);
            await subscribing.SendAsync(Subscribe(level, 1, filter, 0));
            await subscribing.ExpectDisconnectAsync(0x81); // [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1], [MQTT-4.8.2-2]
            await using var unsubscribing = await broker.ConnectAsync(level);
            await unsubscribing.SendAsync(Unsubscribe(level, 1, filter));
            await unsubscribing.ExpectDisconnectAsync(0x81);
        }
    }

    [Fact]
    public async Task Filters_with_NUL_or_ill_formed_UTF8_are_malformed()
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var bytes in new byte[][] { [0x61, 0], [0xED, 0xA0, 0x80], [0xFF], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80] })
        {
            await using var client = await broker.ConnectAsync(5);
            await client.SendAsync(Packet(0x82, U16(1), Props(), Bin(bytes), [0]));
            await client.ExpectDisconnectAsync(0x81); // [MQTT-3.8.3-1], [MQTT-1.5.4-1], [MQTT-1.5.4-2]
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_a_character_like_any_other()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("\uFEFFa");
        await client.SendAsync(Publish(5, "a", "without"), Publish(5, "\uFEFFa", "with"));
        Assert.Equal("with", (await client.PublishAsync()).Payload); // [MQTT-1.5.4-3]
    }

    [Theory]
    [InlineData(5, "82 03 0001 00", 0x82)] // no filter [MQTT-3.8.3-2]
    [InlineData(4, "82 02 0001", 0x82)]
    [InlineData(5, "82 07 0000 00 0001 61 00", 0x81)] // identifier 0
    [InlineData(4, "82 06 0000 0001 61 00", 0x81)]
    [InlineData(5, "80 07 0001 00 0001 61 00", 0x81)] // flags [MQTT-3.8.1-1]
    [InlineData(4, "80 06 0001 0001 61 00", 0x81)]
    [InlineData(5, "82 07 0001 00 0001 61 03", 0x82)] // QoS 3
    [InlineData(4, "82 06 0001 0001 61 03", 0x82)]
    [InlineData(5, "82 07 0001 00 0001 61 30", 0x82)] // retain handling 3
    [InlineData(5, "82 07 0001 00 0001 61 40", 0x81)] // reserved bits [MQTT-3.8.3-5]
    [InlineData(5, "82 07 0001 00 0001 61 80", 0x81)]
    [InlineData(4, "82 06 0001 0001 61 04", 0x81)] // reserved in 3.1.1 [MQTT-3-8.3-4]
    [InlineData(5, "82 06 0001 00 0001 61", 0x81)] // options missing
    [InlineData(5, "82 09 0001 02 0B00 0001 61 00", 0x82)] // subscription identifier 0
    [InlineData(5, "82 0B 0001 04 0B01 0B02 0001 61 00", 0x82)] // twice
    [InlineData(5, "82 09 0001 02 0101 0001 61 00", 0x81)] // a property of PUBLISH
    [InlineData(5, "A2 03 0001 00", 0x82)] // UNSUBSCRIBE without filter [MQTT-3.10.3-2]
    [InlineData(4, "A2 02 0001", 0x82)]
    [InlineData(5, "A0 06 0001 00 0001 61", 0x81)] // flags [MQTT-3.10.1-1]
    [InlineData(5, "A2 06 0000 00 0001 61", 0x81)]
    [InlineData(5, "A2 08 0001 02 0B01 0001 61", 0x81)] // a property of SUBSCRIBE
    public async Task Broken_subscription_packets_end_the_connection(int level, string hex, int reason)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Hex(hex));
        await client.ExpectDisconnectAsync(reason);
    }

    [Fact]
    public async Task No_local_on_a_shared_subscription_is_a_protocol_error()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Subscribe(5, 1, "$share/g/t", 4));
        await client.ExpectDisconnectAsync(0x82); // [MQTT-3.8.3-4]
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Several_filters_are_answered_in_order(int level)
    {
        await using var broker = await TestBroker.StartAsync(new ScriptedHandler { AllowSubscribe = filter => filter != "no" });
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Packet(0x82, U16(77), level == 5 ? Props() : [], Str("a"), [2], Str("no"), [1], Str("b"), [0]));
        var suback = await client.ReceiveAsync(9);
        Assert.Equal(77, suback.Id); // [MQTT-3.8.4-2]
        Assert.Equal([2, (byte)(level == 5 ? 0x87 : 0x80), 0], suback.Codes); // [MQTT-3.8.4-6], [MQTT-3.9.3-1]
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Overlapping_subscriptions_deliver_once_at_the_highest_QoS(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("a/#", 0);
        await client.SubscribeAsync("a/+", 2);
        await client.SubscribeAsync("a/b", 1);
        broker.Server.Publish("a/b", "m"u8.ToArray(), 2, retain: false);
        Assert.Equal(2, (await client.PublishAsync()).Qos); // [MQTT-3.3.4-2]
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Every_matching_subscription_identifier_is_named()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("a/#", props: Prop(0x0B, 1));
        await client.SubscribeAsync("a/+", props: Prop(0x0B, 0xFF, 0xFF, 0xFF, 0x7F));
        await client.SubscribeAsync("+/b");
        broker.Server.Publish("a/b", "m"u8.ToArray(), 0, retain: false);
        var ids = (await client.PublishAsync()).Properties.Where(p => p.Id == 0x0B).Select(p => Convert.ToHexString(p.Value));
        Assert.Equal(["01", "FFFFFF7F"], ids.Order()); // [MQTT-3.3.4-3], [MQTT-3.3.4-4]
        // Subscribing anew without one takes it away [MQTT-3.8.4-3].
        await client.SubscribeAsync("a/#");
        broker.Server.Publish("a/b", "m"u8.ToArray(), 0, retain: false);
        Assert.Single((await client.PublishAsync()).Properties, p => p.Id == 0x0B);
    }

    [Fact]
    public async Task No_local_keeps_own_messages_away()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("t", 4);
        await client.SubscribeAsync("other");
        await client.SendAsync(Publish(5, "t", "own"), Publish(5, "other", "own too"));
        Assert.Equal("own too", (await client.PublishAsync()).Payload); // [MQTT-3.8.3-3]
        await using var second = await broker.ConnectAsync(4);
        await second.SendAsync(Publish(4, "t", "foreign"));
        Assert.Equal("foreign", (await client.PublishAsync()).Payload);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_subscription_is_replaced_by_one_with_the_same_filter(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("t", 2);
        await client.SubscribeAsync("t", 0);
        broker.Server.Publish("t", "m"u8.ToArray(), 2, retain: false);
        Assert.Equal(0, (await client.PublishAsync()).Qos); // [MQTT-3.8.4-3]
        await client.ExpectNothingAsync();
        Assert.Equal(1, broker.Server.SubscriptionCount);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task After_UNSUBSCRIBE_nothing_new_is_delivered(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("a/+");
        await client.SubscribeAsync("a/b");
        await client.SendAsync(Packet(0xA2, U16(9), level == 5 ? Props() : [], Str("a/+"), Str("a/never"), Str("A/b")));
        var unsuback = await client.ReceiveAsync(11);
        Assert.Equal(9, unsuback.Id); // [MQTT-3.10.4-4], [MQTT-3.10.4-5]
        Assert.Equal(level == 5 ? [0, 0x11, 0x11] : Array.Empty<byte>(), unsuback.Codes); // [MQTT-3.11.3-1], [MQTT-3.10.4-1]
        broker.Server.Publish("a/x", "gone"u8.ToArray(), 0, retain: false); // [MQTT-3.10.4-2]
        broker.Server.Publish("a/b", "kept"u8.ToArray(), 0, retain: false);
        Assert.Equal("kept", (await client.PublishAsync()).Payload);
    }

    [Fact]
    public async Task Shared_subscriptions_share()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var first = await broker.ConnectAsync(5);
        await using var second = await broker.ConnectAsync(4);
        await using var ordinary = await broker.ConnectAsync(5);
        await first.SubscribeAsync("$share/g/a/+");
        await second.SubscribeAsync("$share/g/a/+");
        await ordinary.SubscribeAsync("a/+");
        for (var i = 0; i < 10; i++)
        {
            broker.Server.Publish("a/b", "m"u8.ToArray(), 0, retain: false);
        }

        // Each message to one of the group [MQTT-4.8.2-4], and to the ordinary subscriber as ever.
        for (var i = 0; i < 5; i++)
        {
            await first.PublishAsync();
            await second.PublishAsync();
        }

        for (var i = 0; i < 10; i++)
        {
            await ordinary.PublishAsync();
        }

        await first.ExpectNothingAsync();
        await second.ExpectNothingAsync();
    }

    [Fact]
    public async Task Two_groups_and_an_ordinary_subscription_of_one_client_each_get_a_copy()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("$share/one/t");
        await client.SubscribeAsync("$share/two/t");
        await client.SubscribeAsync("t");
        broker.Server.Publish("t", "m"u8.ToArray(), 0, retain: false);
        for (var i = 0; i < 3; i++)
        {
            await client.PublishAsync();
        }

        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_share_group_prefers_members_that_are_there()
    {
        await using var broker = await TestBroker.StartAsync();
        var gone = await broker.ConnectPersistentAsync(5, "gone");
        await gone.SubscribeAsync("$share/g/t", 1);
        await using var here = await broker.ConnectAsync(5);
        await here.SubscribeAsync("$share/g/t", 1);
        await gone.DisposeAsync();
        await broker.ConnectionsAsync(1);
        for (var i = 0; i < 4; i++)
        {
            broker.Server.Publish("t", "m"u8.ToArray(), 1, retain: false);
            await here.PublishAsync();
        }
    }

    [Fact]
    public async Task Too_many_subscriptions_or_levels_are_refused()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => { l.SubscriptionsPerSessionMax = 2; l.TopicLevelsMax = 3; l.SubscriptionLevelsPerSessionMax = 4; });
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("a");
        Assert.Equal([0x8F], (await client.SubscribeAsync("a/b/c/d")).Codes); // §3.9.3: not malformed, but not accepted
        Assert.Equal([0], (await client.SubscribeAsync("b")).Codes);
        Assert.Equal([0x97], (await client.SubscribeAsync("c")).Codes);
        Assert.Equal([0], (await client.SubscribeAsync("a")).Codes);
        await client.SendAsync(Unsubscribe(5, 2, "b"));
        await client.ReceiveAsync(11);
        Assert.Equal([0], (await client.SubscribeAsync("a/b/c")).Codes);
        await using var deep = await broker.ConnectAsync(4);
        Assert.Equal([0x80], (await deep.SubscribeAsync("a/b/c/d")).Codes); // [MQTT-3.9.3-2] of 3.1.1
        Assert.Equal([0], (await deep.SubscribeAsync("x/y/z")).Codes);
        Assert.Equal([0x80], (await deep.SubscribeAsync("x/y")).Codes);
    }

    [Fact]
    public async Task A_topic_with_too_many_levels_is_not_accepted_and_not_malformed()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.TopicLevelsMax = 3);
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "a/b/c/d", "", 1, 1), Publish(5, "a/b/c/d", "", 2, 2), Publish(5, "a/b/c", "", 1, 3));
        Assert.Equal(0x90, (await client.ReceiveAsync(4)).Reason);
        Assert.Equal(0x90, (await client.ReceiveAsync(5)).Reason);
        Assert.Equal(0x10, (await client.ReceiveAsync(4)).Reason);
        await client.SendAsync(Publish(5, "a/b/c/d", ""));
        await client.ExpectDisconnectAsync(0x90);
        await using var old = await broker.ConnectAsync(4);
        await old.SendAsync(Publish(4, "a/b/c/d", "", 1, 1));
        await old.ExpectClosedAsync();
        await using var will = await broker.OpenAsync(5);
        Assert.Equal(0x90, (await will.ConnectAsync(Connect(5, will: Will(5, "a/b/c/d", "")))).Reason);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_was_begun_is_completed_after_UNSUBSCRIBE(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("t", 2);
        broker.Server.Publish("t", "m"u8.ToArray(), 2, retain: false);
        var publish = await client.PublishAsync();
        await client.SendAsync(Unsubscribe(level, 3, "t"));
        await client.ReceiveAsync(11);
        await client.SendAsync(Pubrec(publish.Id));
        Assert.Equal(publish.Id, (await client.ReceiveAsync(6)).Id); // [MQTT-3.10.4-3]
    }

    [Fact]
    public async Task A_begun_shared_delivery_stays_with_its_client()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var other = await broker.ConnectAsync(5, "other");
        var first = await broker.ConnectPersistentAsync(5, "first");
        await first.SubscribeAsync("$share/g/t", 2);
        broker.Server.Publish("t", "begun"u8.ToArray(), 2, retain: false);
        var begun = await first.PublishAsync();
        await other.SubscribeAsync("$share/g/t", 2);
        await first.DisposeAsync();
        await broker.ConnectionsAsync(1);
        await other.ExpectNothingAsync();
        await using var again = await broker.ConnectPersistentAsync(5, "first");
        Assert.Equal(begun.Id, (await again.PublishAsync()).Id); // [MQTT-4.8.2-4]
        await again.SendAsync(Packet(0x50, U16(begun.Id), [0x80]));
        await other.ExpectNothingAsync(); // [MQTT-4.8.2-6]
        broker.Server.Publish("t", "1"u8.ToArray(), 2, retain: false);
        broker.Server.Publish("t", "2"u8.ToArray(), 2, retain: false);
        await again.PublishAsync();
        await other.PublishAsync();
        await using var clean = await broker.ConnectAsync(5, "first", clean: true);
        await other.ExpectNothingAsync(); // [MQTT-4.8.2-5]
    }

    [Fact]
    public async Task A_suback_too_large_for_the_client_ends_the_connection()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, props: Prop(0x27, U32(20)));
        await client.SendAsync(Packet(0x82, [U16(1), Props(), .. Enumerable.Range(0, 30).SelectMany(i => new[] { Str($"f{i}"), new byte[] { 0 } })]));
        await client.ExpectDisconnectAsync(0x95); // [MQTT-3.1.2-24]
    }
}
