using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Sessions;

/// <summary>What the store is told is enough to go on after a restart: real brokers one after another, real sockets, any store.</summary>
public abstract class PersistenceTests : IAsyncLifetime
{
    private protected ManualTime Time { get; } = new();

    /// <summary>The store as the next process finds it; whoever had it before is gone.</summary>
    protected abstract Task<ISessionStore> OpenAsync();

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual Task DisposeAsync() => Task.CompletedTask;

    private async Task<TestBroker> StartAsync()
    {
        var store = await OpenAsync();
        return await TestBroker.StartAsync(configure: o => o.SessionStore = store, time: Time);
    }

    private async Task<StoredState> KeptAsync() => await (await OpenAsync()).LoadAsync(CancellationToken.None);

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Sessions_messages_and_identifiers_survive_a_restart(int level)
    {
        List<Received> sent = [];
        await using (var broker = await StartAsync())
        {
            await using (var client = await broker.ConnectPersistentAsync(level, "s"))
            {
                await client.SubscribeAsync("t", 2, props: level == 5 ? [Prop(0x0B, 7)] : []);
                await client.SubscribeAsync("gone", 2);
                await client.SendAsync(Unsubscribe(level, 2, "gone"), Publish(level, "x", "mine", 2, 77));
                await client.ReceiveAsync(11);
                await client.ReceiveAsync(5);
                foreach (var qos in new byte[] { 1, 2, 2, 1 })
                {
                    broker.Server.Publish("t", "m"u8.ToArray(), qos, retain: false);
                    sent.Add(await client.PublishAsync());
                }

                await client.SendAsync(Pubrec(sent[1].Id), Puback(sent[3].Id));
                await client.ReceiveAsync(6);
                await client.ExpectNothingAsync();
            }

            await broker.ConnectionsAsync(0);
            broker.Server.Publish("t", "queued"u8.ToArray(), 1, retain: false);
        }

        await using (var broker = await StartAsync())
        {
            Assert.Equal(1, broker.Server.SubscriptionCount);
            await using var client = await broker.OpenAsync(level);
            var connack = await client.ConnectAsync(Connect(level, "s", clean: false, props: level == 5 ? [Prop(0x11, U32(100))] : []));
            Assert.True(connack.SessionPresent);
            var first = await client.PublishAsync();
            Assert.Equal((sent[0].Id, 1, true), (first.Id, first.Qos, first.Dup));
            Assert.Equal(sent[1].Id, (await client.ReceiveAsync(6)).Id);
            var third = await client.PublishAsync();
            Assert.Equal((sent[2].Id, 2, true), (third.Id, third.Qos, third.Dup));
            var queued = await client.PublishAsync();
            Assert.Equal(("queued", 1, false), (queued.Payload, queued.Qos, queued.Dup));
            Assert.DoesNotContain(queued.Id, new[] { sent[0].Id, sent[1].Id, sent[2].Id });
            Assert.Equal(level == 5 ? [7] : null, queued.Property(0x0B));
            // The QoS 2 publish that was received before is not new.
            await client.SendAsync(Publish(level, "t", "mine", 2, 77, dup: true));
            await client.ReceiveAsync(5);
            await client.SendAsync(Pubrel(77), Puback(first.Id), Puback(queued.Id), Pubcomp(sent[1].Id), Pubrec(third.Id));
            await client.ReceiveAsync(7);
            await client.ReceiveAsync(6);
            await client.SendAsync(Pubcomp(third.Id));
            await client.ExpectNothingAsync();
        }

        var left = Assert.Single((await KeptAsync()).Sessions);
        Assert.Empty(left.Deliveries);
        Assert.Empty(left.ReceivedQos2);
        Assert.Single(left.Subscriptions);
    }

    [Fact]
    public async Task Retained_messages_survive_and_go_on_expiring()
    {
        await using (var broker = await StartAsync())
        {
            await using var client = await broker.ConnectAsync(5);
            await client.SendAsync(
                Publish(5, "a", "kept", 1, 1, retain: true, props: [UserProp("k", "v")]),
                Publish(5, "b", "short", 1, 2, retain: true, props: [Prop(2, U32(100))]),
                Publish(5, "c", "removed", 1, 3, retain: true),
                Publish(5, "c", "", 1, 4, retain: true));
            for (var i = 0; i < 4; i++)
            {
                await client.ReceiveAsync(4);
            }
        }

        await using (var broker = await StartAsync())
        {
            Assert.Equal(2, broker.Server.RetainedCount);
            await using var client = await broker.ConnectAsync(5);
            await client.SubscribeAsync("a");
            Assert.NotNull((await client.PublishAsync()).Property(0x26));
            await client.SubscribeAsync("b");
            Assert.Equal(100u, (await client.PublishAsync()).Number(2));
            broker.Time.AdvanceSeconds(200);
            Assert.Equal(1, broker.Server.RetainedCount);
        }

        Assert.Single((await KeptAsync()).Retained);
    }

    [Fact]
    public async Task Sessions_that_end_are_forgotten()
    {
        await using (var broker = await StartAsync())
        {
            await using (var clean = await broker.ConnectAsync(4, "clean"))
            await using (var soon = await broker.ConnectAsync(5, "soon", clean: false, props: Prop(0x11, U32(10))))
            await using (var later = await broker.ConnectAsync(5, "later", clean: false, props: Prop(0x11, U32(1_000))))
            await using (var crashed = await broker.ConnectPersistentAsync(4, "ever"))
            {
                await soon.SubscribeAsync("t");
                Assert.Equal(4, broker.Server.SessionCount);
            }

            await broker.ConnectionsAsync(0);
            broker.Time.AdvanceSeconds(20);
        }

        var kept = (await KeptAsync()).Sessions.ToDictionary(s => s.ClientId);
        Assert.Equal(["ever", "later"], kept.Keys.Order());
        Assert.Null(kept["ever"].ExpiresAt);
        Assert.NotNull(kept["later"].ExpiresAt);
        await using (var broker = await StartAsync())
        {
            Assert.Equal(2, broker.Server.SessionCount);
            broker.Time.AdvanceSeconds(1_100);
            Assert.Equal(1, broker.Server.SessionCount);
            await using var again = await broker.ConnectAsync(4, "ever", clean: true);
        }

        Assert.Empty((await KeptAsync()).Sessions);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_session_s_end_is_counted_across_the_restart(int level)
    {
        await using (var broker = await StartAsync())
        {
            await using (await broker.ConnectAsync(5, "s", clean: false, props: Prop(0x11, U32(100))))
            await using (await broker.ConnectPersistentAsync(level, "ever"))
            {
            }

            await broker.ConnectionsAsync(0);
            Time.AdvanceSeconds(60);
        }

        Time.AdvanceSeconds(30); // nobody is there
        await using (var broker = await StartAsync())
        {
            Assert.Equal(2, broker.Server.SessionCount);
            Time.AdvanceSeconds(9);
            Assert.Equal(2, broker.Server.SessionCount);
            Time.AdvanceSeconds(2);
            Assert.Equal(1, broker.Server.SessionCount); // [MQTT-3.1.2-23], [MQTT-4.1.0-2]
        }

        Assert.Equal("ever", Assert.Single((await KeptAsync()).Sessions).ClientId);
    }

    [Fact]
    public async Task A_session_that_ended_while_nobody_was_there_is_not_resumed()
    {
        await using (var broker = await StartAsync())
        {
            await using (await broker.ConnectAsync(5, "s", clean: false, props: Prop(0x11, U32(10))))
            {
            }

            await broker.ConnectionsAsync(0);
        }

        Time.AdvanceSeconds(11);
        await using var next = await StartAsync();
        await using var client = await next.OpenAsync(5);
        Assert.False((await client.ConnectAsync(Connect(5, "s", clean: false))).SessionPresent);
    }

    [Fact]
    public async Task Options_of_subscriptions_survive()
    {
        await using (var broker = await StartAsync())
        {
            await using var client = await broker.ConnectPersistentAsync(5, "s");
            await client.SubscribeAsync("no-local/#", 1 | 4, 1, Prop(0x0B, 9));
            await client.SubscribeAsync("as-published", 8);
            await client.SubscribeAsync("handling", 0x10);
            await client.SubscribeAsync("$share/g/shared", 1);
            await client.SubscribeAsync("replaced", 0);
            await client.SubscribeAsync("replaced", 2, 2, Prop(0x0B, 3));
            await client.SubscribeAsync("gone", 2);
            await client.SendAsync(Unsubscribe(5, 3, "gone"));
            await client.ReceiveAsync(11);
        }

        await using var next = await StartAsync();
        await using var again = await next.ConnectPersistentAsync(5, "s");
        await again.SendAsync(Publish(5, "no-local/x", "mine"));
        await again.ExpectNothingAsync();
        next.Server.Publish("no-local/x", "theirs"u8.ToArray(), 2, retain: false);
        var theirs = await again.PublishAsync();
        Assert.Equal((1, "theirs"), (theirs.Qos, theirs.Payload));
        Assert.Equal([9], theirs.Property(0x0B));
        next.Server.Publish("as-published", "r"u8.ToArray(), 0, retain: true);
        Assert.True((await again.PublishAsync()).Retain);
        next.Server.Publish("handling", "r"u8.ToArray(), 0, retain: true);
        Assert.False((await again.PublishAsync()).Retain);
        await again.SubscribeAsync("handling", 0x10); // it is not new: nothing is sent [MQTT-3.3.1-10]
        await again.ExpectNothingAsync();
        next.Server.Publish("shared", "s"u8.ToArray(), 1, retain: false);
        Assert.Equal("s", (await again.PublishAsync()).Payload);
        next.Server.Publish("replaced", "m"u8.ToArray(), 2, retain: false);
        var replaced = await again.PublishAsync();
        Assert.Equal(2, replaced.Qos);
        Assert.Equal([3], replaced.Property(0x0B));
        next.Server.Publish("gone", "m"u8.ToArray(), 2, retain: false);
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_queued_message_goes_on_expiring_and_keeps_its_properties()
    {
        await using (var broker = await StartAsync())
        {
            await using (var client = await broker.ConnectPersistentAsync(5, "s"))
            {
                await client.SubscribeAsync("t", 1);
            }

            await using var publisher = await broker.ConnectAsync(5);
            await publisher.SendAsync(
                Publish(5, "t", "short", 1, 1, props: Prop(2, U32(10))),
                Publish(5, "t", "long", 1, 2, props: [Prop(2, U32(100)), UserProp("a", "b"), Prop(3, Str("text"))]));
            await publisher.ReceiveAsync(4);
            await publisher.ReceiveAsync(4);
        }

        Time.AdvanceSeconds(20);
        await using var next = await StartAsync();
        await using var again = await next.ConnectPersistentAsync(5, "s");
        var message = await again.PublishAsync();
        Assert.Equal(("long", 80u, "text"), (message.Payload, message.Number(2), message.Text(3))); // [MQTT-3.3.2-5], [MQTT-3.3.2-6]
        Assert.NotNull(message.Property(0x26));
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task Leaving_for_good_forgets_everything_that_was_kept()
    {
        await using (var broker = await StartAsync())
        {
            await using (var client = await broker.ConnectPersistentAsync(5, "s"))
            {
                await client.SubscribeAsync("t", 2);
                await client.SendAsync(Publish(5, "x", "mine", 2, 5));
                await client.ReceiveAsync(5);
                broker.Server.Publish("t", "m"u8.ToArray(), 2, retain: false);
                await client.PublishAsync();
                await client.SendAsync(Packet(0xE0, [0], Props(Prop(0x11, U32(0))))); // §3.14.2.2.2
                await client.ExpectClosedAsync();
            }

            await broker.ConnectionsAsync(0);
        }

        var kept = await KeptAsync();
        Assert.Empty(kept.Sessions);
        Assert.Empty(kept.Retained);
    }
}
