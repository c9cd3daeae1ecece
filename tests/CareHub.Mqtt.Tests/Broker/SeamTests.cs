using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Broker;

/// <summary>The seam to the host: an acknowledgement is the handler's word, and nothing else.</summary>
public sealed class SeamTests
{
    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    public async Task No_acknowledgement_and_no_delivery_before_the_handler_is_done(int level, int qos)
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(gate.Task) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.ConnectAsync(level);
        await client.SubscribeAsync("t");
        await client.SendAsync(Publish(level, "t", "m", qos, 1));
        await client.ExpectNothingAsync(); // and reading goes on: the ping came through
        Assert.Single(handler.Published);
        gate.SetResult(PublishVerdict.Deliver);
        var types = new List<int> { (await client.ReceiveAsync()).Type, (await client.ReceiveAsync()).Type };
        Assert.Equal([3, qos == 1 ? 4 : 5], types.Order());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Acknowledgements_leave_in_the_order_received_whatever_the_handler_s_order(int level)
    {
        var gates = Enumerable.Range(0, 6).Select(_ => new TaskCompletionSource<PublishVerdict>()).ToArray();
        var handler = new ScriptedHandler { OnPublish = seen => new(gates[int.Parse(seen.Payload)].Task) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var subscriber = await broker.ConnectAsync(level);
        await subscriber.SubscribeAsync("t", 0);
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync([.. Enumerable.Range(0, 6).Select(i => Publish(level, "t", $"{i}", 1 + (i % 2), i + 1))]);
        await client.ExpectNothingAsync();
        Assert.Equal(6, handler.Published.Count);
        foreach (var i in new[] { 5, 3, 4, 1, 2 })
        {
            gates[i].SetResult(PublishVerdict.Deliver);
        }

        await client.ExpectNothingAsync();
        await subscriber.ExpectNothingAsync();
        gates[0].SetResult(PublishVerdict.Deliver);
        for (var i = 0; i < 6; i++)
        {
            var ack = await client.ReceiveAsync(4 + (i % 2));
            Assert.Equal(i + 1, ack.Id); // [MQTT-4.6.0-2], [MQTT-4.6.0-3]
            Assert.Equal($"{i}", (await subscriber.PublishAsync()).Payload);
        }
    }

    [Fact]
    public async Task A_quick_publish_waits_behind_a_slow_one()
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = seen => seen.Payload == "slow" ? new(gate.Task) : new(PublishVerdict.Deliver) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "t", "slow", 1, 1), Publish(5, "t", "quick", 1, 2));
        await client.ExpectNothingAsync();
        gate.SetResult(PublishVerdict.Consume);
        Assert.Equal((1, 0), ((await client.ReceiveAsync(4)) is var first ? first.Id : 0, first.Reason));
        Assert.Equal(2, (await client.ReceiveAsync(4)).Id);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(5, false)]
    public async Task A_failing_handler_closes_without_an_acknowledgement(int level, bool synchronously)
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler
        {
            OnPublish = seen => seen.Payload == "bad"
                ? synchronously ? throw new InvalidOperationException("disk full") : new(gate.Task)
                : new(PublishVerdict.Deliver),
        };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var watcher = await broker.ConnectAsync(level);
        await watcher.SubscribeAsync("#");
        await using var client = await broker.ConnectPersistentAsync(level, "s");
        await client.SendAsync(Publish(level, "t", "bad", 1, 1), Publish(level, "t", "behind", 2, 2));
        if (!synchronously)
        {
            await client.ExpectNothingAsync();
            gate.SetException(new IOException("disk full"));
        }

        await client.ExpectDisconnectAsync(0x80);
        await watcher.ExpectNothingAsync();
        await Wait.UntilAsync(() => handler.Gone.Contains(("s", DisconnectCause.ServerDisconnect)));

        // The sender still has both and sends them again; now they are taken.
        handler.OnPublish = _ => new(PublishVerdict.Deliver);
        await using var again = await broker.ConnectPersistentAsync(level, "s");
        await again.SendAsync(Publish(level, "t", "bad", 1, 1, dup: true), Publish(level, "t", "behind", 2, 2, dup: true));
        Assert.Equal(1, (await again.ReceiveAsync(4)).Id);
        Assert.Equal(2, (await again.ReceiveAsync(5)).Id);
        Assert.Equal("bad", (await watcher.PublishAsync()).Payload);
        Assert.Equal("behind", (await watcher.PublishAsync()).Payload);
    }

    [Fact]
    public async Task A_QoS_2_publish_repeated_after_a_reconnect_waits_for_the_same_answer()
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(gate.Task) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var watcher = await broker.ConnectAsync(5);
        await watcher.SubscribeAsync("#");
        await using (var first = await broker.ConnectPersistentAsync(5, "s"))
        {
            await first.SendAsync(Publish(5, "t", "m", 2, 9));
            await first.ExpectNothingAsync();
        }

        await broker.ConnectionsAsync(1);
        await using var again = await broker.ConnectPersistentAsync(5, "s");
        await again.SendAsync(Publish(5, "t", "m", 2, 9, dup: true));
        await again.ExpectNothingAsync();
        Assert.Single(handler.Published);
        gate.SetResult(PublishVerdict.Deliver);
        Assert.Equal(9, (await again.ReceiveAsync(5)).Id);
        await again.SendAsync(Pubrel(9));
        Assert.Equal(0, (await again.ReceiveAsync(7)).Reason);
        await watcher.PublishAsync();
        await watcher.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_publish_is_delivered_even_if_its_sender_has_left_meanwhile(int level)
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(gate.Task) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var watcher = await broker.ConnectAsync(level);
        await watcher.SubscribeAsync("#");
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Publish(level, "t", "last words"), Disconnect);
        await client.ExpectClosedAsync();
        gate.SetResult(PublishVerdict.Deliver);
        Assert.Equal("last words", (await watcher.PublishAsync()).Payload);
    }

    [Fact]
    public async Task A_3_1_1_client_is_not_read_beyond_the_window()
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(gate.Task) };
        await using var broker = await TestBroker.StartAsync(handler, l => l.ReceiveMaximum = 4);
        await using var client = await broker.ConnectAsync(4, keepAlive: 10);
        await client.SendAsync([.. Enumerable.Range(1, 10).Select(i => Publish(4, "t", "m", 1, i))]);
        await Wait.UntilAsync(() => handler.Published.Count == 4);
        broker.Time.AdvanceSeconds(60); // the broker itself does not read: no reason to call the client silent
        Assert.Equal(4, handler.Published.Count);
        gate.SetResult(PublishVerdict.Consume);
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal(i, (await client.ReceiveAsync(4)).Id);
        }
    }

    [Fact]
    public async Task A_5_0_client_that_exceeds_the_window_while_the_handler_works_is_disconnected()
    {
        var gate = new TaskCompletionSource<PublishVerdict>();
        var handler = new ScriptedHandler { OnPublish = _ => new(gate.Task) };
        await using var broker = await TestBroker.StartAsync(handler, l => l.ReceiveMaximum = 4);
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync([.. Enumerable.Range(1, 5).Select(i => Publish(5, "t", "m", 1, i))]);
        await client.ExpectDisconnectAsync(0x93); // [MQTT-3.3.4-7]
        gate.SetResult(PublishVerdict.Consume);
    }

    [Fact]
    public async Task Denied_publishes_are_acknowledged_in_5_0_and_close_3_1_1()
    {
        var handler = new ScriptedHandler { AllowPublish = topic => topic != "no" };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "no", "m"), Publish(5, "no", "m", 1, 1), Publish(5, "no", "m", 2, 2), Publish(5, "yes", "m", 1, 3));
        Assert.Equal(0x87, (await client.ReceiveAsync(4)).Reason); // [MQTT-3.3.5-2]
        Assert.Equal(0x87, (await client.ReceiveAsync(5)).Reason);
        Assert.Equal(0x10, (await client.ReceiveAsync(4)).Reason);
        Assert.Single(handler.Published);
        for (var qos = 0; qos <= 2; qos++)
        {
            await using var old = await broker.ConnectAsync(4);
            await old.SendAsync(Publish(4, "no", "m", qos, 1));
            await old.ExpectClosedAsync(); // [MQTT-3.3.5-2] of 3.1.1
        }
    }

    [Fact]
    public async Task A_refusal_by_the_handler_has_its_reason()
    {
        var handler = new ScriptedHandler { OnPublish = _ => new(PublishVerdict.Refuse(ReasonCode.PayloadFormatInvalid, "not JSON")) };
        await using var broker = await TestBroker.StartAsync(handler);
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "t", "m", 1, 1), Publish(5, "t", "m", 2, 2));
        var puback = await client.ReceiveAsync(4);
        Assert.Equal((0x99, "not JSON"), (puback.Reason, System.Text.Encoding.UTF8.GetString(puback.Property(0x1F)!, 2, 8)));
        Assert.Equal(0x99, (await client.ReceiveAsync(5)).Reason);
        // A refused QoS 2 identifier is free: no PUBREL is due, the same identifier is a new message.
        await client.SendAsync(Publish(5, "t", "m", 2, 2));
        Assert.Equal(0x99, (await client.ReceiveAsync(5)).Reason);
        Assert.Equal(3, handler.Published.Count);

        await using var quiet = await broker.ConnectAsync(5, props: Prop(0x17, 0));
        await quiet.SendAsync(Publish(5, "t", "m", 1, 1));
        Assert.Empty((await quiet.ReceiveAsync(4)).Properties); // [MQTT-3.1.2-29]
        await using var narrow = await broker.ConnectAsync(5, props: Prop(0x27, U32(16)));
        await narrow.SendAsync(Publish(5, "t", "m", 1, 1));
        Assert.Equal("0001" + "99", Convert.ToHexString((await narrow.ReceiveAsync(4)).Body)); // [MQTT-3.4.2-2]

        await using var old = await broker.ConnectAsync(4);
        await old.SendAsync(Publish(4, "t", "m", 1, 1));
        Assert.Equal(1, (await old.ReceiveAsync(4)).Id); // taken care of: acknowledged
        handler.OnPublish = _ => new(PublishVerdict.Refuse(ReasonCode.NotAuthorized));
        await old.SendAsync(Publish(4, "t", "m", 1, 2));
        await old.ExpectClosedAsync();
    }

    [Fact]
    public async Task Every_accepted_connection_is_said_to_have_gone_once()
    {
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler);
        await using (await broker.ConnectAsync(4, "lost"))
        {
        }

        await using var polite = await broker.ConnectAsync(5, "polite");
        await polite.SendAsync(Disconnect);
        await using var broken = await broker.ConnectAsync(5, "broken");
        await broken.SendAsync(Hex("00 00"));
        await using var silent = await broker.ConnectAsync(5, "silent", keepAlive: 1);
        await Wait.UntilAsync(() => handler.Gone.Count == 3);
        broker.Time.AdvanceSeconds(5);
        await Wait.UntilAsync(() => handler.Gone.Count == 4);
        Assert.Equal(
            [("broken", DisconnectCause.ProtocolError), ("lost", DisconnectCause.ConnectionLost), ("polite", DisconnectCause.ClientDisconnect), ("silent", DisconnectCause.KeepAliveTimeout)],
            handler.Gone.OrderBy(g => g.ClientId));
    }
}
