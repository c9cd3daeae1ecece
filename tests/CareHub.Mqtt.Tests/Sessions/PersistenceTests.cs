using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Sessions;

/// <summary>What the store is told is enough to go on after a restart.</summary>
public sealed class PersistenceTests
{
    private static Task<TestBroker> StartAsync(ISessionStore store) => TestBroker.StartAsync(configure: o => o.SessionStore = store);

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Sessions_messages_and_identifiers_survive_a_restart(int level)
    {
        var store = new MemorySessionStore();
        List<Received> sent = [];
        await using (var broker = await StartAsync(store))
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

        await using (var broker = await StartAsync(store))
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

        var left = Assert.Single((await store.LoadAsync(CancellationToken.None)).Sessions);
        Assert.Empty(left.Deliveries);
        Assert.Empty(left.ReceivedQos2);
        Assert.Single(left.Subscriptions);
    }

    [Fact]
    public async Task Retained_messages_survive_and_go_on_expiring()
    {
        var store = new MemorySessionStore();
        await using (var broker = await StartAsync(store))
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

        await using (var broker = await StartAsync(store))
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

        Assert.Single((await store.LoadAsync(CancellationToken.None)).Retained);
    }

    [Fact]
    public async Task Sessions_that_end_are_forgotten()
    {
        var store = new MemorySessionStore();
        await using (var broker = await StartAsync(store))
        {
            await using (var clean = await broker.ConnectAsync(4, "clean"))
            await using (var soon = await broker.ConnectAsync(5, "soon", clean: false, props: Prop(0x11, U32(10))))
            await using (var later = await broker.ConnectAsync(5, "later", clean: false, props: Prop(0x11, U32(1_000))))
            await using (var crashed = await broker.ConnectPersistentAsync(4, "ever"))
            {
                await soon.SubscribeAsync("t");
                Assert.Equal(["ever", "later", "soon"], (await store.LoadAsync(CancellationToken.None)).Sessions.Select(s => s.ClientId).Order());
            }

            await broker.ConnectionsAsync(0);
            broker.Time.AdvanceSeconds(20);
        }

        var kept = (await store.LoadAsync(CancellationToken.None)).Sessions.ToDictionary(s => s.ClientId);
        Assert.Equal(["ever", "later"], kept.Keys.Order());
        Assert.Null(kept["ever"].ExpiresAt);
        Assert.NotNull(kept["later"].ExpiresAt);
        await using (var broker = await StartAsync(store))
        {
            Assert.Equal(2, broker.Server.SessionCount);
            broker.Time.AdvanceSeconds(1_100);
            Assert.Equal(1, broker.Server.SessionCount);
            await using var again = await broker.ConnectAsync(4, "ever", clean: true);
        }

        Assert.Empty((await store.LoadAsync(CancellationToken.None)).Sessions);
    }
}
