using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>CONNECT and CONNACK: MQTT 3.1.1 §3.1 and §3.2, MQTT 5.0 §3.1 and §3.2.</summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task A_3_1_1_client_is_accepted_with_the_four_byte_connack()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(4);
        // The example of §3.1.4, byte for byte.
        await client.SendAsync(Hex("10 0d 00 04 4d515454 04 02 000a 00 01 61"));
        var connack = await client.ReceiveAsync(2);
        Assert.Equal("0000", Convert.ToHexString(connack.Body)); // [MQTT-3.2.2-1], [MQTT-3.2.2-4]
    }

    [Fact]
    public async Task Protocol_level_3_is_served_as_mosquitto_does()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(4);
        var connack = await client.ConnectAsync(Packet(0x10, Str("MQIsdp"), [3, 2], U16(0), Str("old")));
        Assert.Equal(0, connack.Reason);
    }

    [Fact]
    public async Task A_5_0_connack_names_the_bounds()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => { l.ReceiveMaximum = 7; l.TopicAliasMaximum = 9; l.PacketBytesMax = 5_000; });
        await using var client = await broker.OpenAsync(5);
        var connack = await client.ConnectAsync(Connect(5));
        Assert.Equal(7u, connack.Number(0x21)); // §3.2.2.3.3
        Assert.Equal(9u, connack.Number(0x22)); // §3.2.2.3.8
        Assert.Equal(5_000u, connack.Number(0x27)); // §3.2.2.3.6
        Assert.Null(connack.Property(0x12));
        Assert.Null(connack.Property(0x13));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_second_CONNECT_ends_the_connection(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Connect(level));
        await client.ExpectDisconnectAsync(0x82); // [MQTT-3.1.0-2]
    }

    [Theory]
    [InlineData("C0 00")] // PINGREQ
    [InlineData("82 06 0001 0001 61 00")] // SUBSCRIBE
    [InlineData("F0 00")] // AUTH
    [InlineData("00 00")] // reserved type
    [InlineData("47 45 54 20 2F")] // GET /
    public async Task Anything_before_CONNECT_is_closed_without_a_word(string hex)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(5);
        await client.SendAsync(Hex(hex));
        await client.ExpectClosedAsync(); // [MQTT-3.1.0-1], [MQTT-3.14.0-1]
    }

    [Fact]
    public async Task A_wrong_protocol_name_is_closed_without_a_word()
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var name in new[] { "mqtt", "MQTTX", "", "HTTP" })
        {
            await using var client = await broker.OpenAsync(4);
            await client.SendAsync(Packet(0x10, Str(name), [4, 2], U16(0), Str("c")));
            await client.ExpectClosedAsync(); // [MQTT-3.1.2-1]
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(0x84)]
    public async Task An_unknown_protocol_level_gets_return_code_1(int protocol)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(4);
        var connack = await client.ConnectAsync(Packet(0x10, Str("MQTT"), [(byte)protocol, 2], U16(0), Str("c")));
        Assert.Equal("0001", Convert.ToHexString(connack.Body)); // [MQTT-3.1.2-2]
        await client.ExpectClosedAsync();
    }

    public static TheoryData<string, byte[], int> MalformedConnects(int level)
    {
        byte[] Raw(int flags, params byte[][] payload) =>
            Packet(0x10, Str("MQTT"), [(byte)level, (byte)flags], U16(0), level == 5 ? Props() : [], Join(payload));
        var willProps = level == 5 ? Props() : [];
        return new TheoryData<string, byte[], int>
        {
            { "reserved flag [MQTT-3.1.2-3]", Raw(0x03, Str("c")), 0x81 },
            { "will QoS 3 [MQTT-3.1.2-12]", Raw(0x1E, Str("c"), willProps, Str("t"), Str("m")), 0x81 },
            { "will QoS without will [MQTT-3.1.2-11]", Raw(0x0A, Str("c")), 0x81 },
            { "will retain without will [MQTT-3.1.2-13]", Raw(0x22, Str("c")), 0x81 },
            { "user name flag without user name", Raw(0x82, Str("c")), 0x81 },
            { "password flag without password", Raw(0xC2, Str("c"), Str("u")), 0x81 },
            { "something after the payload", Raw(0x02, Str("c"), [0]), 0x81 },
            { "no client identifier at all [MQTT-3.1.3-3]", Raw(0x02), 0x81 },
            { "client identifier cut short", Raw(0x02, U16(5), [0x61]), 0x81 },
            { "client identifier with NUL [MQTT-1.5.4-2]", Raw(0x02, Bin([0x61, 0])), 0x81 },
            { "client identifier with a surrogate [MQTT-1.5.4-1]", Raw(0x02, Bin([0xED, 0xA0, 0x80])), 0x81 },
            { "user name not UTF-8 [MQTT-3.1.3-12]", Raw(0x82, Str("c"), Bin([0xC0, 0x80])), 0x81 },
            { "will topic not UTF-8 [MQTT-3.1.3-11]", Raw(0x06, Str("c"), willProps, Bin([0xFF]), Str("m")), 0x81 },
            { "will topic with wildcard", Raw(0x06, Str("c"), willProps, Str("a/#"), Str("m")), 0x81 },
            { "will topic empty", Raw(0x06, Str("c"), willProps, Str(""), Str("m")), 0x81 },
            { "will topic missing", Raw(0x06, Str("c")), 0x81 },
        };
    }

    [Theory]
    [MemberData(nameof(MalformedConnects), 4)]
    public async Task A_malformed_3_1_1_CONNECT_is_closed_without_a_word(string what, byte[] connect, int reason)
    {
        Assert.NotEmpty(what);
        Assert.Equal(0x81, reason);
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(4);
        await client.SendAsync(connect);
        await client.ExpectClosedAsync(); // [MQTT-3.1.4-1]
    }

    [Theory]
    [MemberData(nameof(MalformedConnects), 5)]
    public async Task A_malformed_5_0_CONNECT_gets_its_reason(string what, byte[] connect, int reason)
    {
        Assert.NotEmpty(what);
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(5);
        var connack = await client.ConnectAsync(connect);
        Assert.Equal(reason, connack.Reason); // [MQTT-3.1.4-1], [MQTT-3.1.4-2]
        Assert.False(connack.SessionPresent); // [MQTT-3.2.2-6]
        await client.ExpectClosedAsync(); // [MQTT-3.2.2-7]
    }

    public static TheoryData<string, byte[], int> BadProperties => new()
    {
        { "session expiry twice", Join(Prop(0x11, U32(1)), Prop(0x11, U32(1))), 0x82 },
        { "receive maximum twice", Join(Prop(0x21, U16(1)), Prop(0x21, U16(1))), 0x82 },
        { "receive maximum 0", Prop(0x21, U16(0)), 0x82 },
        { "maximum packet size 0", Prop(0x27, U32(0)), 0x82 },
        { "request problem information 2", Prop(0x17, 2), 0x82 },
        { "request response information 2", Prop(0x19, 2), 0x82 },
        { "authentication data without method", Prop(0x16, Bin([1])), 0x82 },
        { "topic alias maximum twice", Join(Prop(0x22, U16(1)), Prop(0x22, U16(1))), 0x82 },
        { "a property of PUBLISH", Prop(0x01, 1), 0x81 },
        { "an unknown property", Prop(0x7E, 1), 0x81 },
        { "an identifier in more bytes than it needs [MQTT-1.5.5-1]", Join([0x91, 0x00], U32(1)), 0x81 },
        { "a property cut short", Prop(0x11, 0, 0), 0x81 },
        { "authentication method", Prop(0x15, Str("SCRAM-SHA-1")), 0x8C },
    };

    [Theory]
    [MemberData(nameof(BadProperties))]
    public async Task Bad_CONNECT_properties_get_their_reason(string what, byte[] properties, int reason)
    {
        Assert.NotEmpty(what);
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(5);
        var connack = await client.ConnectAsync(Connect(5, props: [properties]));
        Assert.Equal(reason, connack.Reason); // §2.2.2.2, §3.1.2.11, [MQTT-4.12.0-1]
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_remaining_length_of_five_bytes_is_malformed()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(5);
        await client.SendAsync(Hex("10 FF FF FF FF 01"));
        await client.ExpectClosedAsync(); // §1.5.5; the version is not known yet, so nothing can be said
    }

    [Fact]
    public async Task An_empty_client_identifier_is_assigned_in_5_0()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var first = await broker.OpenAsync(5);
        await using var second = await broker.OpenAsync(5);
        var one = (await first.ConnectAsync(Connect(5, ""))).Text(0x12);
        var two = (await second.ConnectAsync(Connect(5, "", clean: false))).Text(0x12);
        Assert.False(string.IsNullOrEmpty(one)); // [MQTT-3.1.3-6], [MQTT-3.1.3-7], [MQTT-3.2.2-16]
        Assert.NotEqual(one, two);
    }

    [Fact]
    public async Task An_empty_client_identifier_needs_a_clean_session_in_3_1_1()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var clean = await broker.OpenAsync(4);
        Assert.Equal(0, (await clean.ConnectAsync(Connect(4, ""))).Reason); // [MQTT-3.1.3-6]
        await using var unclean = await broker.OpenAsync(4);
        Assert.Equal(2, (await unclean.ConnectAsync(Connect(4, "", clean: false))).Reason); // [MQTT-3.1.3-8]
        await unclean.ExpectClosedAsync(); // [MQTT-3.2.2-5]
    }

    [Fact]
    public async Task Credentials_reach_the_handler_and_a_refusal_has_its_code()
    {
        var handler = new ScriptedHandler { OnConnect = _ => ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword, "no such user") };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var old = await broker.OpenAsync(4);
        Assert.Equal(4, (await old.ConnectAsync(Connect(4, user: "u", password: [1, 0, 2]))).Reason); // [MQTT-3.2.2-6] of 3.1.1
        await old.ExpectClosedAsync();

        await using var client = await broker.OpenAsync(5);
        var connack = await client.ConnectAsync(Connect(5, user: "u", password: [1, 0, 2]));
        Assert.Equal(0x86, connack.Reason); // [MQTT-3.2.2-8]
        Assert.Equal("no such user", connack.Text(0x1F));
        Assert.All(handler.Attempts, attempt =>
        {
            Assert.Equal("u", attempt.Username);
            Assert.Equal([1, 0, 2], attempt.Password.ToArray());
        });
        Assert.Empty(handler.Gone);
    }

    [Theory]
    [InlineData(ReasonCode.UnsupportedProtocolVersion, 1)]
    [InlineData(ReasonCode.ClientIdentifierNotValid, 2)]
    [InlineData(ReasonCode.ServerUnavailable, 3)]
    [InlineData(ReasonCode.ConnectionRateExceeded, 3)]
    [InlineData(ReasonCode.NotAuthorized, 5)]
    [InlineData(ReasonCode.Banned, 5)]
    public async Task Refusals_are_translated_for_3_1_1(ReasonCode reason, int code)
    {
        await using var broker = await TestBroker.StartAsync(new ScriptedHandler { OnConnect = _ => ConnectVerdict.Refuse(reason, "text") });
        await using var client = await broker.OpenAsync(4);
        var connack = await client.ConnectAsync(Connect(4));
        Assert.Equal([0, (byte)code], connack.Body); // [MQTT-3.2.2-6] of 3.1.1: session present 0
    }

    [Fact]
    public async Task A_password_without_user_name_is_for_5_0_only()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(5);
        Assert.Equal(0, (await client.ConnectAsync(Connect(5, password: [1]))).Reason); // §3.1.2.9
        await using var old = await broker.OpenAsync(4);
        await old.SendAsync(Connect(4, password: [1]));
        await old.ExpectClosedAsync(); // [MQTT-3.1.2-22] of 3.1.1
    }

    [Fact]
    public async Task No_reason_string_for_who_asked_for_none()
    {
        var handler = new ScriptedHandler { OnConnect = _ => ConnectVerdict.Refuse(ReasonCode.NotAuthorized, "text") };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.OpenAsync(5);
        // A CONNACK may carry one in any case (§3.1.2.11.7); this broker keeps to the wish there too.
        var connack = await client.ConnectAsync(Connect(5, props: [Prop(0x17, 0)]));
        Assert.Equal(0x87, connack.Reason);
        Assert.Null(connack.Property(0x1F));
    }

    [Fact]
    public async Task Response_information_is_given_only_on_request()
    {
        await using var broker = await TestBroker.StartAsync(configure: o => o.ResponseTopicPrefix = "answers/");
        await using var asking = await broker.OpenAsync(5);
        Assert.Equal("answers/a", (await asking.ConnectAsync(Connect(5, "a", props: [Prop(0x19, 1)]))).Text(0x1A));
        await using var other = await broker.OpenAsync(5);
        Assert.Null((await other.ConnectAsync(Connect(5, "b"))).Property(0x1A)); // [MQTT-3.1.2-28]
    }

    [Fact]
    public async Task Packets_sent_right_behind_CONNECT_are_served_after_it()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(4);
        await client.SendAsync(Connect(4), Subscribe(4, 1, "a", 0), Publish(4, "a", "early"), Pingreq); // §3.1.4
        await client.ReceiveAsync(2);
        await client.ReceiveAsync(9);
        Assert.Equal("early", (await client.PublishAsync()).Payload);
        await client.ReceiveAsync(13);
    }

    [Fact]
    public async Task A_refused_client_s_packets_are_not_processed()
    {
        var handler = new ScriptedHandler { OnConnect = _ => ConnectVerdict.Refuse(ReasonCode.NotAuthorized) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.OpenAsync(4);
        await client.SendAsync(Connect(4), Publish(4, "a", "sneaked"));
        Assert.Equal(5, (await client.ReceiveAsync(2)).Reason);
        await client.ExpectClosedAsync();
        Assert.Empty(handler.Published); // [MQTT-3.1.4-5] of 3.1.1, [MQTT-3.1.4-6]
    }

    [Fact]
    public async Task A_connack_stays_within_the_client_s_maximum_packet_size()
    {
        var handler = new ScriptedHandler { OnConnect = _ => ConnectVerdict.Refuse(ReasonCode.NotAuthorized, new string('x', 100)) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.OpenAsync(5);
        var connack = await client.ConnectAsync(Connect(5, props: [Prop(0x27, U32(60))]));
        Assert.Equal(0x87, connack.Reason);
        Assert.Null(connack.Property(0x1F)); // [MQTT-3.2.2-19]
    }

    [Fact]
    public async Task A_client_whose_maximum_leaves_no_room_for_a_connack_is_closed_and_leaves_no_session()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(5);
        await client.SendAsync(Connect(5, "tight", clean: false, props: [Prop(0x27, U32(4)), Prop(0x11, U32(60))]));
        await client.ExpectClosedAsync(); // [MQTT-3.1.2-24]
        Assert.Equal(0, broker.Server.SessionCount);
        await using var told = await broker.OpenAsync(5);
        Assert.Equal(0x95, (await told.ConnectAsync(Connect(5, "tight", props: [Prop(0x27, U32(8))]))).Reason);
    }

    [Fact]
    public async Task The_largest_packet_that_exists_is_no_bound_to_announce()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.PacketBytesMax = MqttLimits.PacketBytesCeiling);
        await using var client = await broker.OpenAsync(5);
        Assert.Null((await client.ConnectAsync(Connect(5))).Property(0x27)); // §3.2.2.3.6
    }
}
