using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Tests.Sessions;

/// <summary>What every <see cref="ISessionStore"/> does; each implementation inherits it.</summary>
public abstract class SessionStoreCompliance : IAsyncLifetime
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 22, 3, 4, 5, TimeSpan.Zero);

    /// <summary>The store under test.</summary>
    private protected ISessionStore Store { get; private set; } = null!;

    /// <summary>Opens the store; called again, closes it first, so that only what was kept is there.</summary>
    protected abstract Task<ISessionStore> OpenAsync();

    public virtual async Task InitializeAsync() => Store = await OpenAsync();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_new_store_is_empty()
    {
        var state = await ReopenAsync();
        Assert.Empty(state.Sessions);
        Assert.Empty(state.Retained);
    }

    [Fact]
    public async Task Everything_about_a_session_comes_back()
    {
        var message = Message("t", "payload", qos: 2, expires: s_at.AddSeconds(9));
        Record(
            new StoreChange.SessionSaved("s", 60, s_at),
            new StoreChange.SubscriptionSaved("s", new DurableSubscription("$share/g/a/+", 2, NoLocal: false, RetainAsPublished: true, RetainHandling: 1, Identifier: 268_435_455)),
            new StoreChange.SubscriptionSaved("s", new DurableSubscription("家/#", 1, NoLocal: true, RetainAsPublished: false, RetainHandling: 2, Identifier: 0)),
            new StoreChange.DeliverySaved("s", new DurableDelivery(7, message, 2, Retain: true, [3, 268_435_455], 0, IsReceived: false)),
            new StoreChange.DeliverySaved("s", new DurableDelivery(5, message, 1, Retain: false, null, 65_535, IsReceived: false)),
            new StoreChange.Qos2Received("s", 65_535));

        var session = Assert.Single((await ReopenAsync()).Sessions);
        Assert.Equal(("s", 60u, s_at), (session.ClientId, session.ExpirySeconds, session.ExpiresAt!.Value));
        Assert.Equal(["$share/g/a/+", "家/#"], session.Subscriptions.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new DurableSubscription("$share/g/a/+", 2, false, true, 1, 268_435_455), session.Subscriptions["$share/g/a/+"]);
        Assert.Equal(new DurableSubscription("家/#", 1, true, false, 2, 0), session.Subscriptions["家/#"]);
        Assert.Equal([5L, 7L], session.Deliveries.Keys);
        var queued = session.Deliveries[7];
        Assert.Equal((2, true, 0, false), (queued.Qos, queued.Retain, queued.PacketId, queued.IsReceived));
        Assert.Equal([3u, 268_435_455u], queued.SubscriptionIds!);
        Same(message, queued.Message!);
        Assert.Equal(65_535, session.Deliveries[5].PacketId);
        Assert.Null(session.Deliveries[5].SubscriptionIds);
        Assert.Same(queued.Message, session.Deliveries[5].Message); // one message, however many wait for it
        Assert.Equal([65_535], session.ReceivedQos2);
    }

    [Fact]
    public async Task Later_changes_replace_earlier_ones_before_and_after_a_restart()
    {
        var message = Message("t", "m");
        Record(
            new StoreChange.SessionSaved("s", 60, null),
            new StoreChange.SubscriptionSaved("s", new DurableSubscription("a", 0, false, false, 0, 0)),
            new StoreChange.DeliverySaved("s", new DurableDelivery(1, message, 2, false, null, 0, false)),
            new StoreChange.DeliverySaved("s", new DurableDelivery(1, message, 2, false, null, 9, false)));
        Assert.Equal(9, Assert.Single((await ReopenAsync()).Sessions).Deliveries[1].PacketId);

        Record(
            new StoreChange.SessionSaved("s", uint.MaxValue, s_at),
            new StoreChange.SubscriptionSaved("s", new DurableSubscription("a", 2, true, true, 1, 8)),
            new StoreChange.DeliverySaved("s", new DurableDelivery(1, null, 2, false, null, 9, true)));
        var session = Assert.Single((await ReopenAsync()).Sessions);
        Assert.Equal((uint.MaxValue, s_at), (session.ExpirySeconds, session.ExpiresAt!.Value));
        Assert.Equal(new DurableSubscription("a", 2, true, true, 1, 8), session.Subscriptions["a"]);
        Assert.Equal((9, true, true), (session.Deliveries[1].PacketId, session.Deliveries[1].IsReceived, session.Deliveries[1].Message is null));
    }

    [Fact]
    public async Task What_is_removed_is_gone()
    {
        var message = Message("t", "m");
        Record(
            new StoreChange.SessionSaved("s", 60, null),
            new StoreChange.SubscriptionSaved("s", new DurableSubscription("a", 0, false, false, 0, 0)),
            new StoreChange.DeliverySaved("s", new DurableDelivery(1, message, 1, false, null, 0, false)),
            new StoreChange.Qos2Received("s", 4),
            new StoreChange.RetainedSaved(message));
        await ReopenAsync();
        Record(
            new StoreChange.SubscriptionRemoved("s", "a"),
            new StoreChange.DeliveryRemoved("s", 1),
            new StoreChange.Qos2Released("s", 4),
            new StoreChange.RetainedRemoved("t"u8.ToArray()));
        var state = await ReopenAsync();
        var session = Assert.Single(state.Sessions);
        Assert.Empty(session.Subscriptions);
        Assert.Empty(session.Deliveries);
        Assert.Empty(session.ReceivedQos2);
        Assert.Empty(state.Retained);
    }

    [Fact]
    public async Task A_session_takes_everything_of_its_own_with_it_and_nothing_of_others()
    {
        var shared = Message("t", "m");
        foreach (var client in new[] { "gone", "stays" })
        {
            Record(
                new StoreChange.SessionSaved(client, 60, null),
                new StoreChange.SubscriptionSaved(client, new DurableSubscription("a", 0, false, false, 0, 0)),
                new StoreChange.DeliverySaved(client, new DurableDelivery(client.Length, shared, 1, false, null, 0, false)),
                new StoreChange.Qos2Received(client, 4));
        }

        Record(new StoreChange.SessionRemoved("gone"), new StoreChange.SessionSaved("gone", 5, null));
        var sessions = (await ReopenAsync()).Sessions.ToDictionary(session => session.ClientId);
        Assert.Equal((0, 0, 0), (sessions["gone"].Subscriptions.Count, sessions["gone"].Deliveries.Count, sessions["gone"].ReceivedQos2.Count));
        Assert.Equal((1, 1, 1), (sessions["stays"].Subscriptions.Count, sessions["stays"].Deliveries.Count, sessions["stays"].ReceivedQos2.Count));
        Same(shared, sessions["stays"].Deliveries.Values.Single().Message!);
    }

    [Fact]
    public async Task A_retained_message_is_the_last_one_of_its_topic()
    {
        Record(
            new StoreChange.RetainedSaved(Message("a", "old")),
            new StoreChange.RetainedSaved(Message("a", "new", expires: s_at)),
            new StoreChange.RetainedSaved(Message("A", "other")));
        var retained = (await ReopenAsync()).Retained;
        Assert.Equal(2, retained.Count);
        Same(Message("a", "new", expires: s_at), retained.Single(message => message.Topic.Span.SequenceEqual("a"u8)));
    }

    [Fact]
    public async Task Positions_rise_and_are_durable_once_flushed()
    {
        var first = Store.Record(new StoreChange.SessionSaved("s", 60, null));
        var second = Store.Record(new StoreChange.Qos2Received("s", 1));
        Assert.True(0 < first && first < second);
        await Store.WhenDurable(second).WaitAsync(TimeSpan.FromSeconds(30));
        await Store.FlushAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(Store.WhenDurable(first).IsCompleted);
        Assert.Single(Assert.Single((await ReopenAsync()).Sessions).ReceivedQos2);
    }

    protected static DurableMessage Message(string topic, string payload, byte qos = 1, DateTimeOffset? expires = null) => new(
        System.Text.Encoding.UTF8.GetBytes(topic), new byte[] { 1, 1 }, System.Text.Encoding.UTF8.GetBytes(payload), qos, true, expires);

    protected void Record(params StoreChange[] changes)
    {
        foreach (var change in changes)
        {
            Store.Record(change);
        }
    }

    protected async Task<StoredState> ReopenAsync()
    {
        await Store.FlushAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Store = await OpenAsync();
        return await Store.LoadAsync(CancellationToken.None);
    }

    private static void Same(DurableMessage expected, DurableMessage actual)
    {
        Assert.Equal(expected.Topic.ToArray(), actual.Topic.ToArray());
        Assert.Equal(expected.Properties.ToArray(), actual.Properties.ToArray());
        Assert.Equal(expected.Payload.ToArray(), actual.Payload.ToArray());
        Assert.Equal((expected.Qos, expected.Retain, expected.ExpiresAt), (actual.Qos, actual.Retain, actual.ExpiresAt));
    }
}
