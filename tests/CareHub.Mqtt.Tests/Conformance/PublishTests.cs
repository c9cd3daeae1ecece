using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>PUBLISH and the three qualities of service: §3.3 to §3.7 and §4.3 of both versions.</summary>
public sealed class PublishTests
{
    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, 5)]
    [InlineData(5, 4)]
    [InlineData(5, 5)]
    public async Task Every_QoS_reaches_the_subscriber_at_the_lower_of_both(int from, int to)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var publisher = await broker.ConnectAsync(from);
        for (var published = 0; published <= 2; published++)
        {
            for (var subscribed = 0; subscribed <= 2; subscribed++)
            {
                await using var subscriber = await broker.ConnectAsync(to);
                Assert.Equal([(byte)subscribed], (await subscriber.SubscribeAsync("q/t", subscribed)).Codes);
                await publisher.SendAsync(Publish(from, "q/t", "m", published, id: 7));
                if (published == 1)
                {
                    Assert.Equal(7, (await publisher.ReceiveAsync(4)).Id); // [MQTT-4.3.2-4]
                }
                else if (published == 2)
                {
                    Assert.Equal(7, (await publisher.ReceiveAsync(5)).Id); // [MQTT-4.3.3-8]
                    await publisher.SendAsync(Pubrel(7));
                    Assert.Equal(7, (await publisher.ReceiveAsync(7)).Id); // [MQTT-4.3.3-11]
                }

                var message = await subscriber.PublishAsync();
                Assert.Equal("q/t", message.Topic);
                Assert.Equal("m", message.Payload);
                Assert.Equal(Math.Min(published, subscribed), message.Qos); // [MQTT-3.8.4-8]
                Assert.False(message.Dup); // [MQTT-3.3.1-3]
                Assert.False(message.Retain);
                if (message.Qos > 0)
                {
                    Assert.NotEqual(0, message.Id); // [MQTT-2.2.1-4]
                }
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_wire_bytes_are_those_of_the_specification(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("a/b", 1);
        await client.SendAsync(Hex(level == 4 ? "32 09 0003 612F62 000A 7879" : "32 0A 0003 612F62 000A 00 7879"));
        var bytes = new List<string> { (await client.ReceiveAsync()).ToString(), (await client.ReceiveAsync()).ToString() };
        Assert.Contains("40 000A", bytes);
        Assert.Contains(level == 4 ? "32 0003612F6200017879" : "32 0003612F620001007879", bytes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_QoS_2_message_is_delivered_once_however_often_it_is_sent(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var subscriber = await broker.ConnectAsync(level);
        await subscriber.SubscribeAsync("t", 0);
        await using var publisher = await broker.ConnectAsync(level);
        await publisher.SendAsync(Publish(level, "t", "once", 2, 5));
        await publisher.ReceiveAsync(5);
        await publisher.SendAsync(Publish(level, "t", "once", 2, 5, dup: true));
        Assert.Equal(5, (await publisher.ReceiveAsync(5)).Id); // [MQTT-4.3.3-10]
        await publisher.SendAsync(Pubrel(5));
        await publisher.ReceiveAsync(7);
        // After PUBCOMP the identifier stands for a new message [MQTT-4.3.3-12].
        await publisher.SendAsync(Publish(level, "t", "second", 2, 5));
        await publisher.ReceiveAsync(5);
        Assert.Equal("once", (await subscriber.PublishAsync()).Payload);
        Assert.Equal("second", (await subscriber.PublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_PUBREL_for_an_unknown_identifier_is_answered(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Pubrel(99));
        var pubcomp = await client.ReceiveAsync(7);
        Assert.Equal(99, pubcomp.Id);
        Assert.Equal(level == 5 ? 0x92 : 0, pubcomp.Reason); // §3.7.2.1
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_broker_completes_QoS_2_towards_the_subscriber(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("t", 2);
        broker.Server.Publish("t", "m"u8.ToArray(), 2, retain: false);
        var publish = await client.PublishAsync();
        await client.SendAsync(Pubrec(publish.Id));
        var pubrel = await client.ReceiveAsync(6);
        Assert.Equal(0x62, pubrel.Header); // [MQTT-3.6.1-1]
        Assert.Equal(publish.Id, pubrel.Id); // [MQTT-4.3.3-4]
        await client.SendAsync(Pubrec(publish.Id)); // again: the PUBREL was lost, says the client
        Assert.Equal(publish.Id, (await client.ReceiveAsync(6)).Id);
        await client.SendAsync(Pubcomp(publish.Id));
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_PUBREC_with_a_failure_ends_the_delivery()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, props: [Prop(0x21, U16(1))]);
        await client.SubscribeAsync("t", 2);
        broker.Server.Publish("t", "first"u8.ToArray(), 2, retain: false);
        broker.Server.Publish("t", "second"u8.ToArray(), 2, retain: false);
        var first = await client.PublishAsync();
        await client.SendAsync(Packet(0x50, U16(first.Id), [0x97])); // §4.3.3: no PUBREL; the window is free
        Assert.Equal("second", (await client.PublishAsync()).Payload);
    }

    [Fact]
    public async Task A_PUBREC_for_an_unknown_identifier_gets_a_PUBREL_that_says_so()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Pubrec(42));
        Assert.Equal(0x92, (await client.ReceiveAsync(6)).Reason); // §3.6.2.1
    }

    public static TheoryData<string, byte[], int> BrokenPublishes(int level)
    {
        byte[] Raw(int header, params byte[][] parts) => Packet(header, parts);
        var none = level == 5 ? Props() : [];
        return new TheoryData<string, byte[], int>
        {
            { "QoS 3 [MQTT-3.3.1-4]", Raw(0x36, Str("t"), U16(1), none), 0x81 },
            { "DUP with QoS 0 [MQTT-3.3.1-2]", Raw(0x38, Str("t"), none), 0x81 },
            { "wildcard # [MQTT-3.3.2-2]", Raw(0x30, Str("a/#"), none), 0x81 },
            { "wildcard + [MQTT-3.3.2-2]", Raw(0x30, Str("a/+/b"), none), 0x81 },
            { "NUL in topic [MQTT-1.5.4-2]", Raw(0x30, Bin([0x61, 0x00]), none), 0x81 },
            { "surrogate in topic [MQTT-1.5.4-1]", Raw(0x30, Bin([0xED, 0xBF, 0xBF]), none), 0x81 },
            { "overlong UTF-8 in topic", Raw(0x30, Bin([0xC1, 0x81]), none), 0x81 },
            { "empty topic [MQTT-4.7.3-1]", Raw(0x30, Str(""), none), 0x82 },
            { "packet identifier 0 [MQTT-2.2.1-3]", Raw(0x32, Str("t"), U16(0), none), 0x82 },
            { "packet identifier missing", Raw(0x32, Str("t")), 0x81 },
            { "topic cut short", Raw(0x30, U16(9), [0x61]), 0x81 },
            { "empty body", Raw(0x30), 0x81 },
        };
    }

    [Theory]
    [MemberData(nameof(BrokenPublishes), 4)]
    public async Task A_broken_3_1_1_PUBLISH_closes(string what, byte[] packet, int reason)
    {
        Assert.NotEmpty(what);
        Assert.NotEqual(0, reason);
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(4);
        await client.SendAsync(packet);
        await client.ExpectClosedAsync(); // [MQTT-4.8.0-1] of 3.1.1
    }

    [Theory]
    [MemberData(nameof(BrokenPublishes), 5)]
    public async Task A_broken_5_0_PUBLISH_is_told_why(string what, byte[] packet, int reason)
    {
        Assert.NotEmpty(what);
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(packet);
        await client.ExpectDisconnectAsync(reason); // [MQTT-4.13.1-1]
    }

    public static TheoryData<string, byte[], int> BadProperties => new()
    {
        { "expiry twice", Join(Prop(2, U32(1)), Prop(2, U32(1))), 0x82 },
        { "alias twice", Join(Prop(0x23, U16(1)), Prop(0x23, U16(1))), 0x82 },
        { "content type twice", Join(Prop(3, Str("a")), Prop(3, Str("a"))), 0x82 },
        { "payload format 2", Prop(1, 2), 0x82 },
        { "subscription identifier from a client [MQTT-3.3.4-6]", Prop(0x0B, 1), 0x82 },
        { "response topic with wildcard [MQTT-3.3.2-14]", Prop(8, Str("a/+")), 0x82 },
        { "alias 0 [MQTT-3.3.2-8]", Prop(0x23, U16(0)), 0x94 },
        { "alias above the maximum [MQTT-3.3.2-9]", Prop(0x23, U16(33)), 0x94 },
        { "a property of CONNECT", Prop(0x11, U32(1)), 0x81 },
        { "unknown property", Prop(0x2B, 0), 0x81 },
        { "content type not UTF-8 [MQTT-3.3.2-19]", Prop(3, Bin([0xFF])), 0x81 },
        { "user property name with NUL", Join([0x26], Bin([0]), Str("v")), 0x81 },
        { "cut short", Prop(2, 0), 0x81 },
        { "an identifier in more bytes than it needs [MQTT-1.5.5-1]", Join([0x83, 0x00], Str("a")), 0x81 },
    };

    [Theory]
    [MemberData(nameof(BadProperties))]
    public async Task Bad_PUBLISH_properties_are_told_why(string what, byte[] property, int reason)
    {
        Assert.NotEmpty(what);
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "t", "m", props: [property]));
        await client.ExpectDisconnectAsync(reason);
    }

    [Fact]
    public async Task Properties_pass_through_unaltered_and_in_order()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("t");
        byte[][] properties =
        [
            UserProp("b", "1"), Prop(1, 1), UserProp("a", "2"), Prop(3, Str("text/plain")), Prop(8, Str("answer/to")),
            Prop(9, Bin([0, 1, 255])), UserProp("b", "3"),
        ];
        await client.SendAsync(Publish(5, "t", "m", props: properties));
        var message = await client.PublishAsync();
        // [MQTT-3.3.2-4], [MQTT-3.3.2-15], [MQTT-3.3.2-16], [MQTT-3.3.2-17], [MQTT-3.3.2-18], [MQTT-3.3.2-20]
        Assert.Equal(Join(properties), Join([.. message.Properties.Select(p => Join([(byte)p.Id], p.Value))]));
    }

    [Fact]
    public async Task Expiry_and_alias_are_cut_out_wherever_they_stand()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("t");
        byte[] alias = Prop(0x23, U16(3)), expiry = Prop(2, U32(60)), one = UserProp("1", ""), two = UserProp("2", "");
        foreach (var order in new byte[][][] { [alias, one, expiry, two], [one, expiry, two, alias], [expiry, alias, one, two], [one, two, alias] })
        {
            await client.SendAsync(Publish(5, "t", "m", props: order));
            var message = await client.PublishAsync();
            Assert.Equal(["1", "2"], message.Properties.Where(p => p.Id == 0x26).Select(p => ((char)p.Value[2]).ToString()));
            Assert.Null(message.Property(0x23)); // aliases belong to one connection [MQTT-3.3.2-7]
            Assert.Equal(order.Contains(expiry) ? 60u : null, message.Number(2));
        }
    }

    [Fact]
    public async Task A_topic_alias_stands_for_the_topic_it_was_set_with()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("#");
        await client.SendAsync(
            Publish(5, "first", "1", props: [Prop(0x23, U16(1))]),
            Publish(5, "", "2", props: [Prop(0x23, U16(1))]),
            Publish(5, "second", "3", props: [Prop(0x23, U16(1))]),
            Publish(5, "", "4", props: [Prop(0x23, U16(1))]));
        var topics = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            topics.Add((await client.PublishAsync()).Topic);
        }

        Assert.Equal(["first", "first", "second", "second"], topics); // [MQTT-3.3.2-12]
    }

    [Fact]
    public async Task An_alias_that_was_never_set_is_a_protocol_error()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "", "m", props: [Prop(0x23, U16(2))]));
        await client.ExpectDisconnectAsync(0x82);
    }

    [Fact]
    public async Task The_broker_uses_aliases_when_the_client_allows_them()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5, props: [Prop(0x22, U16(1))]);
        await client.SubscribeAsync("#");
        await client.SendAsync(Publish(5, "a", "1"), Publish(5, "a", "2"), Publish(5, "b", "3"), Publish(5, "a", "4"));
        Received first = await client.PublishAsync(), second = await client.PublishAsync(), third = await client.PublishAsync(), fourth = await client.PublishAsync();
        Assert.Equal(("a", 1u), (first.Topic, first.Number(0x23)));
        Assert.Equal(("", 1u), (second.Topic, second.Number(0x23)));
        Assert.Equal(("b", (uint?)null), (third.Topic, third.Number(0x23))); // [MQTT-3.1.2-26]
        Assert.Equal(("", 1u), (fourth.Topic, fourth.Number(0x23)));
    }

    [Fact]
    public async Task Nobody_subscribes_is_told_to_5_0()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "nobody", "m", 1, 1), Publish(5, "nobody", "m", 2, 2));
        Assert.Equal(0x10, (await client.ReceiveAsync(4)).Reason); // §3.4.2.1
        Assert.Equal(0x10, (await client.ReceiveAsync(5)).Reason);
        await client.SendAsync(Pubrel(2));
        Assert.Equal(0, (await client.ReceiveAsync(7)).Reason);
    }

    [Theory]
    [InlineData("40 02 0000", 0x82)] // PUBACK of identifier 0
    [InlineData("40 01 00", 0x81)]
    [InlineData("41 02 0001", 0x81)] // flags [MQTT-2.1.3-1]
    [InlineData("60 02 0001", 0x81)] // PUBREL without 0010 [MQTT-3.6.1-1]
    [InlineData("40 03 0001 55", 0x81)] // unknown reason
    [InlineData("40 04 0001 00 05", 0x81)]
    [InlineData("C1 00", 0x81)]
    [InlineData("C0 01 00", 0x81)]
    [InlineData("20 03 00 00 00", 0x82)] // what only servers send
    [InlineData("D0 00", 0x82)]
    [InlineData("90 04 0001 00 00", 0x82)]
    [InlineData("F0 00", 0x82)] // AUTH without authentication method
    [InlineData("E0 01 FF", 0x81)]
    [InlineData("30 FF FF FF FF 01", 0x81)]
    [InlineData("00 00", 0x81)]
    public async Task Other_broken_packets_are_told_why(string hex, int reason)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Hex(hex));
        await client.ExpectDisconnectAsync(reason);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Order_is_kept_for_each_QoS(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var subscriber = await broker.ConnectAsync(level);
        await subscriber.SubscribeAsync("t", 2);
        await using var publisher = await broker.ConnectAsync(level);
        const int Count = 300;
        for (var qos = 0; qos <= 2; qos++)
        {
            var q = qos;
            await publisher.SendAsync([.. Enumerable.Range(1, Count).Select(i => Publish(level, "t", $"{i}", q, i))]);
            for (var i = 1; i <= Count; i++)
            {
                Assert.Equal($"{i}", (await subscriber.PublishAsync()).Payload); // [MQTT-4.6.0-6]
            }

            for (var i = 1; qos > 0 && i <= Count; i++)
            {
                Assert.Equal(i, (await publisher.ReceiveAsync(qos == 1 ? 4 : 5)).Id); // [MQTT-4.6.0-2], [MQTT-4.6.0-3]
            }
        }
    }

    [Fact]
    public async Task Acknowledging_with_the_wrong_packet_is_a_protocol_error()
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var (qos, wrong) in new[] { (1, 0x50), (2, 0x40), (2, 0x70) })
        {
            await using var client = await broker.ConnectAsync(5);
            await client.SubscribeAsync("t", qos);
            broker.Server.Publish("t", "m"u8.ToArray(), (byte)qos, retain: false);
            var publish = await client.PublishAsync();
            await client.SendAsync(Ack(wrong, publish.Id));
            await client.ExpectDisconnectAsync(0x82);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_QoS_1_identifier_is_new_after_its_PUBACK(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var subscriber = await broker.ConnectAsync(level);
        await subscriber.SubscribeAsync("t");
        await using var publisher = await broker.ConnectAsync(level);
        await publisher.SendAsync(Publish(level, "t", "1", 1, 9));
        await publisher.ReceiveAsync(4);
        await publisher.SendAsync(Publish(level, "t", "2", 1, 9, dup: true));
        await publisher.ReceiveAsync(4);
        Assert.Equal("1", (await subscriber.PublishAsync()).Payload);
        Assert.Equal("2", (await subscriber.PublishAsync()).Payload); // [MQTT-4.3.2-5]
    }
}
