using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Sessions;

/// <summary>With a store, an answer leaves when the store has what it promises; the gate here is the test's.</summary>
public sealed class HeldAnswerTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_publish_queued_for_a_kept_session_is_acknowledged_when_the_store_has_it(int level)
    {
        var store = new GatedStore();
        await using var broker = await StartAsync(store);
        await using (var subscriber = await broker.ConnectPersistentAsync(level, "s"))
        {
            await subscriber.SubscribeAsync("t", 2);
        }

        await using var client = await broker.ConnectAsync(level);
        store.Close();
        await client.SendAsync(Publish(level, "t", "one", 1, 1), Publish(level, "t", "two", 2, 2));
        await client.ExpectNothingAsync();
        // One that nobody is promised anything about waits behind those: acknowledgements keep their order [MQTT-4.6.0-2].
        await client.SendAsync(Publish(level, "elsewhere", "three", 1, 3));
        await client.ExpectNothingAsync();
        store.Open();
        Assert.Equal(1, (await client.ReceiveAsync(4)).Id);
        Assert.Equal(2, (await client.ReceiveAsync(5)).Id);
        Assert.Equal(3, (await client.ReceiveAsync(4)).Id);
        await using var again = await broker.ConnectPersistentAsync(level, "s");
        Assert.Equal("one", (await again.PublishAsync()).Payload);
        Assert.Equal("two", (await again.PublishAsync()).Payload);
    }

    [Fact]
    public async Task A_retained_publish_is_acknowledged_when_the_store_has_it_and_delivered_before()
    {
        var store = new GatedStore();
        await using var broker = await StartAsync(store);
        await using var live = await broker.ConnectAsync(5);
        await live.SubscribeAsync("r");
        await using var client = await broker.ConnectAsync(5);
        store.Close();
        await client.SendAsync(Publish(5, "r", "kept", 1, 1, retain: true));
        Assert.Equal("kept", (await live.PublishAsync()).Payload);
        await client.ExpectNothingAsync();
        store.Open();
        await client.ReceiveAsync(4);
    }

    [Fact]
    public async Task What_is_not_kept_waits_for_nothing()
    {
        var store = new GatedStore();
        await using var broker = await StartAsync(store);
        store.Close();
        await using var client = await broker.ConnectAsync(5);
        await client.SubscribeAsync("t", 2);
        await client.SendAsync(Publish(5, "t", "m", 1, 1));
        await client.PublishAsync();
        await client.ReceiveAsync(4);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Subscriptions_and_released_identifiers_of_a_kept_session_are_answered_when_the_store_has_them(int level)
    {
        var store = new GatedStore();
        await using var broker = await StartAsync(store);
        await using var client = await broker.ConnectPersistentAsync(level, "s");
        await client.SubscribeAsync("t", 2);
        await client.SendAsync(Publish(level, "x", "mine", 2, 9));
        await client.ReceiveAsync(5);
        broker.Server.Publish("t", "m"u8.ToArray(), 2, retain: false);
        var publish = await client.PublishAsync();

        store.Close();
        await client.SendAsync(Pubrel(9), Pubrec(publish.Id), Subscribe(level, 3, "u", 1), Unsubscribe(level, 4, "t"));
        await client.ExpectNothingAsync();
        store.Open();
        Assert.Equal(9, (await client.ReceiveAsync(7)).Id);
        Assert.Equal(publish.Id, (await client.ReceiveAsync(6)).Id);
        Assert.Equal(3, (await client.ReceiveAsync(9)).Id);
        Assert.Equal(4, (await client.ReceiveAsync(11)).Id);
    }

    [Fact]
    public async Task A_repeated_QoS_2_publish_is_not_acknowledged_sooner_than_the_first()
    {
        var store = new GatedStore();
        await using var broker = await StartAsync(store);
        await using (var subscriber = await broker.ConnectPersistentAsync(5, "s"))
        {
            await subscriber.SubscribeAsync("t", 2);
        }

        store.Close();
        await using (var client = await broker.ConnectPersistentAsync(5, "p"))
        {
            await client.SendAsync(Publish(5, "t", "once", 2, 7));
            await client.ExpectNothingAsync();
        }

        await using var again = await broker.ConnectPersistentAsync(5, "p");
        await again.SendAsync(Publish(5, "t", "once", 2, 7, dup: true));
        await again.ExpectNothingAsync();
        store.Open();
        Assert.Equal(7, (await again.ReceiveAsync(5)).Id);
        Assert.Equal(1, store.Count<StoreChange.DeliverySaved>());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_store_that_is_behind_holds_the_publisher_to_its_window(int level)
    {
        var store = new GatedStore();
        await using var broker = await TestBroker.StartAsync(configure: o => o.SessionStore = store, limits: l => l.ReceiveMaximum = 4);
        await using (var subscriber = await broker.ConnectPersistentAsync(level, "s"))
        {
            await subscriber.SubscribeAsync("t", 1);
        }

        await using var client = await broker.ConnectAsync(level);
        store.Close();
        await client.SendAsync([.. Enumerable.Range(1, level == 5 ? 5 : 10).Select(id => Publish(level, "t", "m", 1, id))]);
        if (level == 5)
        {
            await client.ExpectDisconnectAsync(0x93); // [MQTT-3.3.4-7]
            return;
        }

        await Wait.UntilAsync(() => store.Count<StoreChange.DeliverySaved>() == 4); // it is not read further
        store.Open();
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal(i, (await client.ReceiveAsync(4)).Id);
        }
    }

    private static Task<TestBroker> StartAsync(ISessionStore store) => TestBroker.StartAsync(configure: o => o.SessionStore = store);

    /// <summary>Nothing is durable while it is closed.</summary>
    private sealed class GatedStore : ISessionStore
    {
        private readonly MemorySessionStore _inner = new();
        private readonly List<StoreChange> _changes = [];
        private readonly Lock _lock = new();
        private TaskCompletionSource? _gate;
        private long _durable;
        private long _recorded;

        public Task<StoredState> LoadAsync(CancellationToken cancellationToken) => _inner.LoadAsync(cancellationToken);

        public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public long Record(StoreChange change)
        {
            lock (_lock)
            {
                _changes.Add(change);
                _recorded = _inner.Record(change);
                _durable = _gate is null ? _recorded : _durable;
                return _recorded;
            }
        }

        public Task WhenDurable(long position)
        {
            lock (_lock)
            {
                return position <= _durable ? Task.CompletedTask : _gate!.Task;
            }
        }

        public int Count<T>()
        {
            lock (_lock)
            {
                return _changes.OfType<T>().Count();
            }
        }

        public void Close()
        {
            lock (_lock)
            {
                _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _changes.Clear();
            }
        }

        public void Open()
        {
            TaskCompletionSource? gate;
            lock (_lock)
            {
                _durable = _recorded;
                (gate, _gate) = (_gate, null);
            }

            gate!.SetResult();
        }
    }
}
