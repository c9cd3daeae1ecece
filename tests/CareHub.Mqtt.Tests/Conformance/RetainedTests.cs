using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>Retained messages: §3.3.1.3.</summary>
public sealed class RetainedTests
{
    [Theory]
    [InlineData(4, 5)]
    [InlineData(5, 4)]
    public async Task The_last_retained_message_greets_a_new_subscriber(int from, int to)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var publisher = await broker.ConnectAsync(from);
        await publisher.SendAsync(Publish(from, "a/1", "old", 1, 1, retain: true), Publish(from, "a/1", "new", 1, 2, retain: true), Publish(from, "a/2", "two", retain: true));
        await publisher.ReceiveAsync(4);
        await publisher.ReceiveAsync(4);
        await publisher.ExpectNothingAsync();
        await using var subscriber = await broker.ConnectAsync(to);
        await subscriber.SubscribeAsync("a/+", 2);
        var found = new[] { await subscriber.PublishAsync(), await subscriber.PublishAsync() }.ToDictionary(p => p.Topic);
        Assert.All(found.Values, message => Assert.True(message.Retain)); // [MQTT-3.3.1-8] of 3.1.1
        Assert.Equal(("new", 1), (found["a/1"].Payload, found["a/1"].Qos)); // [MQTT-3.3.1-5]
        Assert.Equal(("two", 0), (found["a/2"].Payload, found["a/2"].Qos)); // [MQTT-3.3.1-6]
        await subscriber.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task An_empty_retained_message_removes_and_is_delivered_live(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Publish(level, "t", "kept", retain: true));
        await client.ExpectNothingAsync();
        Assert.Equal(1, broker.Server.RetainedCount);
        await client.SubscribeAsync("t");
        await client.PublishAsync();
        await client.SendAsync(Publish(level, "t", "", retain: true));
        var live = await client.PublishAsync();
        Assert.Equal(("", false), (live.Payload, live.Retain)); // [MQTT-3.3.1-6], [MQTT-3.3.1-9] of 3.1.1
        Assert.Equal(0, broker.Server.RetainedCount); // [MQTT-3.3.1-7]
        await client.SubscribeAsync("t");
        await client.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_message_without_RETAIN_leaves_the_retained_one_alone(int level)
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(level);
        await client.SendAsync(Publish(level, "t", "kept", retain: true), Publish(level, "t", "passing"), Publish(level, "t", ""));
        await client.SubscribeAsync("t");
        Assert.Equal("kept", (await client.PublishAsync()).Payload); // [MQTT-3.3.1-8]
        await client.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(1, true, false)]
    [InlineData(2, false, false)]
    public async Task Retain_handling_decides_what_is_sent(int handling, bool first, bool again)
    {
        await using var broker = await TestBroker.StartAsync();
        broker.Server.Publish("t", "kept"u8.ToArray(), 0, retain: true);
        await using var client = await broker.ConnectAsync(5);
        foreach (var expected in new[] { first, again })
        {
            await client.SubscribeAsync("t", handling << 4);
            if (expected)
            {
                Assert.True((await client.PublishAsync()).Retain); // [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]
            }

            await client.ExpectNothingAsync();
        }
    }

    [Fact]
    public async Task A_3_1_1_client_that_subscribes_again_gets_retained_messages_again()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.Server.Publish("t", "kept"u8.ToArray(), 0, retain: true);
        await using var client = await broker.ConnectAsync(4);
        await client.SubscribeAsync("t");
        await client.PublishAsync();
        await client.SubscribeAsync("t");
        await client.PublishAsync(); // [MQTT-3.8.4-3] of 3.1.1
    }

    [Fact]
    public async Task Retain_as_published_keeps_the_flag()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("kept", 8);
        await client.SubscribeAsync("cleared");
        await client.SendAsync(Publish(5, "kept", "m", retain: true), Publish(5, "cleared", "m", retain: true), Publish(5, "kept", "m"));
        Assert.True((await client.PublishAsync()).Retain); // [MQTT-3.3.1-13]
        Assert.False((await client.PublishAsync()).Retain); // [MQTT-3.3.1-12]
        Assert.False((await client.PublishAsync()).Retain);
    }

    [Fact]
    public async Task A_shared_subscription_gets_no_retained_messages()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.Server.Publish("t", "kept"u8.ToArray(), 0, retain: true);
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("$share/g/t");
        await client.ExpectNothingAsync(); // §4.8.2
    }

    [Fact]
    public async Task A_retained_message_expires()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var client = await broker.ConnectAsync(5);
        await client.SendAsync(Publish(5, "t", "kept", retain: true, props: [Prop(2, U32(10)), UserProp("k", "v")]));
        await client.ExpectNothingAsync();
        broker.Time.AdvanceSeconds(4);
        await client.SubscribeAsync("t", props: Prop(0x0B, 5));
        var message = await client.PublishAsync();
        Assert.Equal(6u, message.Number(2)); // [MQTT-3.3.2-6]
        Assert.NotNull(message.Property(0x26));
        Assert.Equal([5], message.Property(0x0B)!);
        broker.Time.AdvanceSeconds(6);
        await client.SubscribeAsync("t");
        await client.ExpectNothingAsync(); // [MQTT-3.3.2-5]
        broker.Time.AdvanceSeconds(60);
        Assert.Equal(0, broker.Server.RetainedCount);
    }

    [Fact]
    public async Task A_full_store_routes_but_does_not_keep()
    {
        await using var broker = await TestBroker.StartAsync(limits: l => l.RetainedMessagesMax = 1);
        await using var client = await broker.ConnectAsync(4);
        await client.SubscribeAsync("#");
        await client.SendAsync(Publish(4, "a", "1", retain: true), Publish(4, "b", "2", retain: true), Publish(4, "a", "3", retain: true));
        for (var i = 0; i < 3; i++)
        {
            await client.PublishAsync();
        }

        Assert.Equal(1, broker.Server.RetainedCount);
        Assert.Equal(1, broker.Server.Statistics.RetainedNotKept);
        await client.SubscribeAsync("a");
        Assert.Equal("3", (await client.PublishAsync()).Payload);
    }
}
