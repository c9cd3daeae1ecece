using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Tests.Support;
using CareHub.Mqtt.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Broker;

/// <summary>Clients that mean no good, or cannot do better: each meets a bound with a stated behaviour.</summary>
public sealed class RobustnessTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Packets_may_arrive_byte_by_byte(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.OpenAsync(level);
        foreach (var b in Join(Connect(level), Subscribe(level, 1, "t", 1), Publish(level, "t", "dribbled", 2, 9)))
        {
            await client.SendAsync([b]);
        }

        await client.ReceiveAsync(2);
        await client.ReceiveAsync(9);
        var types = new List<Received> { await client.ReceiveAsync(), await client.ReceiveAsync() };
        Assert.Contains(types, packet => packet.Type == 5);
        Assert.Contains(types, packet => packet.Type == 3 && packet.Payload == "dribbled");
    }

    [Fact]
    public async Task A_hundred_thousand_subscriptions_of_one_client()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        const int Count = 100_000, Batch = 500;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i += Batch)
        {
            var entries = Enumerable.Range(i, Batch).SelectMany(n => new[] { Str($"house/{n % 1_000}/{n}/+"), [0] });
            await client.SendAsync(Packet(0x82, [U16(1), Props(), .. entries]));
            Assert.Equal(Batch, (await client.ReceiveAsync(9)).Codes.Length);
        }

        Assert.Equal(Count, broker.Server.SubscriptionCount);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < Count * 2_000L);
        await client.SendAsync(Publish(5, "house/777/99777/smoke", "m"));
        Assert.Equal("m", (await client.PublishAsync()).Payload);
        // Leaving half of them one by one, and the rest with the session.
        for (var i = 0; i < Count / 2; i += Batch)
        {
            await client.SendAsync(Packet(0xA2, [U16(1), Props(), .. Enumerable.Range(i, Batch).Select(n => Str($"house/{n % 1_000}/{n}/+"))]));
            Assert.DoesNotContain((byte)0x11, (await client.ReceiveAsync(11)).Codes);
        }

        Assert.Equal(Count / 2, broker.Server.SubscriptionCount);
        await client.SendAsync(Publish(5, "house/1/1/smoke", "left"), Publish(5, "house/777/99777/smoke", "m"));
        Assert.Equal("m", (await client.PublishAsync()).Payload);
        await client.DisposeAsync();
        await Wait.UntilAsync(() => broker.Server.SubscriptionCount == 0);
    }

    [Fact]
    public void A_match_among_a_hundred_thousand_filters_looks_at_those_on_its_way_only()
    {
        var core = new BrokerCore(new MqttServerOptions(), new OpenMqttHandler(), NullLogger.Instance, new ManualTime());
        var session = new Session("s", core);
        for (var i = 0; i < 100_000; i++)
        {
            var filter = $"house/{i % 1_000}/{i}/+";
            session.Subscribe(new SubscriptionRequest(filter, new SharedFilter(null, filter), 0, false, false, 0), 0, out _);
        }

        // 200,000 matches: at the price of a walk over all filters this would take hours, not the blink that it takes.
        var matches = new List<MatchedSession>();
        for (var i = 0; i < 200_000; i++)
        {
            matches.Clear();
            core.Tree.Match("house/777/99777/smoke"u8, null, matches);
        }

        Assert.Single(matches);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Topics_of_65_535_levels_are_refused_and_of_a_thousand_served_where_allowed(int level)
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.TopicLevelsMax = 1_000);
        await using var client = await broker.ConnectAsync(level);
        Assert.Equal([level == 5 ? (byte)0x8F : (byte)0x80], (await client.SubscribeAsync(new string('/', 65_535))).Codes);
        await client.SubscribeAsync(string.Concat(Enumerable.Repeat("+/", 998)) + "#");
        var deep = new string('/', 999);
        await client.SendAsync(Publish(level, deep, "deep", 1, 1, retain: true));
        Assert.Equal(deep, (await client.PublishAsync()).Topic);
        await client.ReceiveAsync(4);
        await client.SendAsync(Publish(level, new string('/', 65_535), "", 1, 2));
        if (level == 5)
        {
            Assert.Equal(0x90, (await client.ReceiveAsync(4)).Reason);
        }
        else
        {
            await client.ExpectClosedAsync();
        }
    }

    [Fact]
    public async Task More_filters_in_one_packet_than_a_session_may_have_end_the_connection_before_they_are_kept()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.SubscriptionsPerSessionMax = 10);
        foreach (var (header, options) in new[] { (0x82, new byte[] { 0 }), (0xA2, Array.Empty<byte>()) })
        {
            await using var client = await broker.ConnectAsync(5);
            await client.SendAsync(Packet(header, [U16(1), Props(), .. Enumerable.Range(0, 11).SelectMany(i => new[] { Str($"f{i}"), options })]));
            await client.ExpectDisconnectAsync(0x97);
        }

        Assert.Equal(0, broker.Server.SubscriptionCount);
    }

    [Fact]
    public async Task A_CONNECT_that_dribbles_in_has_no_more_time_than_one_that_does_not_come()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.ConnectTimeoutMs = 5_000);
        await using var client = await broker.OpenAsync(4);
        await broker.ConnectionsAsync(1);
        var connect = Connect(4, "slow-loris");
        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync([connect[i]]);
            broker.Time.AdvanceSeconds(1);
        }

        await client.ExpectClosedAsync();
        await broker.ConnectionsAsync(0);
    }

    [Fact]
    public async Task A_half_open_connection_without_a_keep_alive_is_probed_by_TCP()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(4, keepAlive: 0);
        const string Established = "01", KeepAliveTimer = "02";
        var local = $"0100007F:{broker.Endpoint.Port:X4}";
        var timers = File.ReadLines("/proc/net/tcp")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[1] == local && fields[3] == Established)
            .Select(fields => fields[5][..2]);
        Assert.Equal(KeepAliveTimer, Assert.Single(timers));
    }

    [Fact]
    public async Task A_reader_that_does_not_read_at_QoS_1_costs_its_windows_and_its_queue_and_no_more()
    {
        await using var broker = await TestBroker.StartAsync(limits: l =>
        {
            l.OutboundBytesMax = 100_000;
            l.QueuedBytesMax = 1_000_000;
        });
        await using var stuck = await broker.ConnectAsync(4);
        await stuck.SubscribeAsync("t", 1);
        var payload = new byte[50_000];
        for (var i = 0; broker.Server.Statistics.DroppedForFullQueue == 0; i++)
        {
            Assert.True(i < 2_000, "nothing was dropped");
            broker.Server.Publish("t", payload, 1, retain: false);
        }

        // What it had taken on is still there, in order, when it reads again.
        await stuck.PublishAsync();
        await stuck.PublishAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_longest_topic_and_payloads_of_many_segments(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        var topic = new string('x', 65_000) + "/" + new string('y', 534);
        await client.SubscribeAsync(topic[..65_000] + "/+");
        var payload = new string('z', 150_000);
        await client.SendAsync(Publish(level, topic, payload));
        var message = await client.PublishAsync();
        Assert.Equal(topic, message.Topic);
        Assert.Equal(payload, message.Payload);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_loses_QoS_0_and_nobody_else_suffers()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.OutboundBytesMax = 100_000);
        await using var stuck = await broker.ConnectAsync(4);
        await stuck.SubscribeAsync("t");
        await using var healthy = await broker.ConnectAsync(4);
        await healthy.SubscribeAsync("t");
        var payload = new byte[50_000];
        for (var i = 0; broker.Server.Statistics.DroppedForSlowReader == 0; i++)
        {
            Assert.True(i < 2_000, "nothing was dropped");
            broker.Server.Publish("t", payload, 0, retain: false);
            await healthy.PublishAsync();
        }
    }

    [Fact]
    public async Task A_client_that_never_acknowledges_is_held_to_the_windows()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => { l.InflightMax = 5; l.QueuedMessagesMax = 10; });
        await using var client = await broker.ConnectAsync(4);
        await client.SubscribeAsync("t", 1);
        for (var i = 0; i < 30; i++)
        {
            broker.Server.Publish("t", "m"u8.ToArray(), 1, retain: false);
        }

        for (var i = 0; i < 5; i++)
        {
            await client.PublishAsync();
        }

        await client.ExpectNothingAsync();
        Assert.Equal(15, broker.Server.Statistics.DroppedForFullQueue);
    }

    [Fact]
    public async Task Ten_thousand_retained_messages_reach_a_reader_with_a_small_window()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.QueuedMessagesMax = 100);
        for (var i = 0; i < 10_000; i++)
        {
            broker.Server.Publish($"r/{i}", "m"u8.ToArray(), 1, retain: true);
        }

        await using var client = await broker.ConnectAsync(5, props: Prop(0x21, U16(50)));
        await client.SubscribeAsync("r/#", 1);
        var topics = new HashSet<string>();
        for (var i = 0; i < 10_000; i++)
        {
            var publish = await client.PublishAsync();
            topics.Add(publish.Topic);
            await client.SendAsync(Puback(publish.Id));
        }

        Assert.Equal(10_000, topics.Count);
    }

    [Fact]
    public async Task Levels_of_retained_topics_count_against_the_bytes_they_take()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.RetainedBytesMax = 10_000);
        broker.Server.Publish(new string('/', 30), "x"u8.ToArray(), 0, retain: true);
        broker.Server.Publish("a" + new string('/', 30), "x"u8.ToArray(), 0, retain: true); // 31 levels of its own
        Assert.Equal((1, 1), (broker.Server.RetainedCount, broker.Server.Statistics.RetainedNotKept));
        broker.Server.Publish(new string('/', 30), Array.Empty<byte>(), 0, retain: true);
        broker.Server.Publish("a" + new string('/', 30), "x"u8.ToArray(), 0, retain: true);
        Assert.Equal((1, 1), (broker.Server.RetainedCount, broker.Server.Statistics.RetainedNotKept));
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed_at_once()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.ConnectionsMax = 2);
        await using var one = await broker.ConnectAsync(4);
        await using var two = await broker.ConnectAsync(4);
        await using var three = await broker.OpenAsync(4);
        await three.SendAsync(Connect(4, "late"));
        await three.ExpectClosedAsync();
        Assert.Equal(1, broker.Server.Statistics.RefusedConnections);
        await one.ExpectNothingAsync();
    }

    [Fact]
    public void Limits_that_make_no_sense_are_reported_together()
    {
        var limits = new MqttLimits { ConnectionsMax = 0, ReceiveMaximum = 0, PacketBytesMax = 1 };
        var exception = Assert.Throws<ArgumentException>(limits.Validate);
        Assert.Contains("ConnectionsMax", exception.Message);
        Assert.Contains("ReceiveMaximum", exception.Message);
        Assert.Contains("PacketBytesMax", exception.Message);
    }

    [Fact]
    public async Task Clients_that_fight_for_one_identifier_leave_nothing_behind()
    {
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            await using var client = await broker.OpenAsync(i % 2 == 0 ? 4 : 5);
            await client.SendAsync(Connect(client.Level, "same", clean: i % 3 == 0), Subscribe(client.Level, 1, "t", 1), Publish(client.Level, "t", "m", 1, 2));
            while (i % 5 != 0 && await client.TryReceiveAsync() is { Type: not 9 })
            {
            }
        }));
        await broker.ConnectionsAsync(0);
        await Wait.UntilAsync(() => handler.Gone.Count == handler.Attempts.Count);
        await using var last = await broker.ConnectAsync(4, "same", clean: true);
        await last.SendAsync(Disconnect);
        await last.ExpectClosedAsync();
        await Wait.UntilAsync(() => broker.Server.SessionCount == 0);
        Assert.Equal(0, broker.Server.SubscriptionCount);
    }
}
