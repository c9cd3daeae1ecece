using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Sessions;

/// <summary>
/// Session state of one client identifier, MQTT 5.0 §4.1: subscriptions, what is sent and not acknowledged, what is
/// queued, what was received at QoS 2 and not released. Everything is guarded by locking the session itself; the
/// connection that serves it uses the same lock for its output.
/// </summary>
internal sealed class Session(string clientId, BrokerCore broker)
{
    private InflightWindow? _inflight;
    private Queue<Delivery>? _queue;
    private long _queuedBytes;
    private int _levels;

    public string ClientId { get; } = clientId;

    /// <summary>The connection that serves it now, or null.</summary>
    public Connection? Connection { get; private set; }

    public bool IsConnected => Connection is not null;

    /// <summary>Ended: nothing is kept for it any more.</summary>
    public bool IsDiscarded { get; private set; }

    /// <summary>Seconds it outlives its connection.</summary>
    public uint ExpirySeconds { get; set; }

    /// <summary>When it ends; meaningful while there is no connection. Guarded by the registry.</summary>
    public long ExpiresAtMs { get; set; } = StoredMessage.Never;

    /// <summary>A will that waits for its delay. Guarded by the registry.</summary>
    public Will? DelayedWill { get; set; }

    /// <summary>When <see cref="DelayedWill"/> is published. Guarded by the registry.</summary>
    public long WillDueMs { get; set; } = StoredMessage.Never;

    /// <summary>The earliest timer entry that the registry holds for it. Guarded by the registry.</summary>
    public long TimerDueMs { get; set; } = StoredMessage.Never;

    /// <summary>The store knows it. Guarded by the registry and by the session.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>Marks used by <see cref="SubscriptionTree"/> during a match, under its lock.</summary>
    public int MatchStamp { get; set; }

    /// <summary>As <see cref="MatchStamp"/>.</summary>
    public int MatchIndex { get; set; }

    public Dictionary<string, Subscription>? Subscriptions { get; private set; }

    /// <summary>
    /// Publishes of QoS 2 that were received and not released, by packet identifier. The value is the publish that
    /// still waits for its handler; null once it was acknowledged with PUBREC.
    /// </summary>
    public Dictionary<ushort, PendingPublish?>? ReceivedQos2 { get; private set; }

    public int QueuedMessages => _queue?.Count ?? 0;

    public Dictionary<ushort, PendingPublish?> ReceivedQos2OrNew() => ReceivedQos2 ??= [];

    /// <summary>Gives the session to a connection. Called under the lock, by the registry.</summary>
    public void Attach(Connection connection)
    {
        Connection = connection;
        ExpiresAtMs = StoredMessage.Never;
        _inflight?.Rewind();
    }

    /// <summary>Takes it back; false when another connection has it by now. Called under the lock.</summary>
    public bool Detach(Connection connection)
    {
        if (!ReferenceEquals(Connection, connection))
        {
            return false;
        }

        Connection = null;
        DropQueuedQos0();
        return true;
    }

    /// <summary>Ends the session; returns the subscriptions to take out of the tree. Called under the lock.</summary>
    public IReadOnlyCollection<Subscription> Discard()
    {
        IsDiscarded = true;
        Connection = null;
        _queue = null;
        CountQueued(-_queuedBytes);
        _inflight = null;
        ReceivedQos2 = null;
        IReadOnlyCollection<Subscription> subscriptions = Subscriptions is { } all ? all.Values : [];
        Subscriptions = null;
        return subscriptions;
    }

    /// <summary>
    /// Adds or replaces a subscription [MQTT-3.8.4-3]. <paramref name="isNew"/> tells whether there was none with this
    /// filter. Returns null at the bound, or when the session has ended meanwhile.
    /// </summary>
    public Subscription? Subscribe(in Codec.SubscriptionRequest request, uint subscriptionId, out bool isNew)
    {
        var wanted = request;
        lock (this)
        {
            isNew = false;
            var all = Subscriptions ??= new Dictionary<string, Subscription>(1);
            if (all.TryGetValue(wanted.TopicFilter, out var existing))
            {
                broker.Tree.Change(() => Apply(existing, wanted, subscriptionId));
                broker.Journal.Saved(existing);
                return existing;
            }

            var levels = TopicRules.CountLevels(wanted.Shared.Filter);
            if (IsDiscarded || all.Count >= broker.Limits.SubscriptionsPerSessionMax || _levels + levels > broker.Limits.SubscriptionLevelsPerSessionMax)
            {
                return null;
            }

            _levels += levels;

            isNew = true;
            var subscription = new Subscription(this, wanted.TopicFilter, wanted.Shared);
            Apply(subscription, wanted, subscriptionId);
            all.Add(wanted.TopicFilter, subscription);
            broker.Tree.Add(subscription);
            broker.Journal.Saved(subscription);
            return subscription;
        }
    }

    public bool Unsubscribe(string topicFilter)
    {
        lock (this)
        {
            if (Subscriptions is not { } all || !all.Remove(topicFilter, out var subscription))
            {
                return false;
            }

            _levels -= TopicRules.CountLevels(subscription.Shared.Filter);
            broker.Tree.Remove(subscription);
            broker.Journal.Removed(subscription);
            return true;
        }
    }

    /// <summary>Sends a message, or queues it, or drops it for a stated reason.</summary>
    public void Deliver(ref MessageView message, byte qos, bool retain, uint[]? ids)
    {
        lock (this)
        {
            if (IsDiscarded)
            {
                return;
            }

            var connection = Connection;
            if (qos == 0)
            {
                // QoS 0 is not kept for an absent client, nor piled up for one that does not read.
                if (connection is null || connection.PendingBytes >= broker.Limits.OutboundBytesMax)
                {
                    broker.Statistics.CountDropped(connection is not null);
                    return;
                }

                connection.WritePublish(ref message, new Codec.PublishHead { Retain = retain, SubscriptionIds = ids });
                return;
            }

            if (connection is null || QueuedMessages > 0 || !MaySendNow(connection))
            {
                Enqueue(New(ref message, qos, retain, ids));
                return;
            }

            Send(connection, ref message, New(ref message, qos, retain, ids));
        }
    }

    /// <summary>Queues a retained message for a new subscription, bounds apart (see <see cref="MayQueueRetained"/>). Called under the lock.</summary>
    public void EnqueueRetained(StoredMessage message, byte qos, uint[]? ids)
    {
        var view = new MessageView(message);
        EnqueueUnbounded(New(ref view, qos, retain: true, ids));
    }

    /// <summary>Puts back what the store kept. Called before the broker listens.</summary>
    public void Restore(StoredSession stored)
    {
        foreach (var delivery in stored.Deliveries.Values)
        {
            var message = delivery.Message is { } durable ? broker.Journal.Restore(durable) : null;
            var restored = new Delivery(message!, delivery.Qos, delivery.Retain, delivery.SubscriptionIds?.ToArray(), delivery.Sequence);
            if (delivery.PacketId != 0)
            {
                (_inflight ??= new InflightWindow()).Restore(delivery.PacketId, restored, delivery.IsReceived);
            }
            else if (message is not null)
            {
                (_queue ??= new Queue<Delivery>()).Enqueue(restored);
                CountQueued(message.Bytes);
            }
        }

        foreach (var packetId in stored.ReceivedQos2)
        {
            ReceivedQos2OrNew()[packetId] = null;
        }
    }

    /// <summary>
    /// One subscription's retained messages are queued whole, or not at all when the queue is at its bound already;
    /// so the queue never holds more than its bound and the retained store together.
    /// </summary>
    public bool MayQueueRetained() =>
        QueuedMessages < broker.Limits.QueuedMessagesMax && _queuedBytes < broker.Limits.QueuedBytesMax
        && broker.QueuedBytes < broker.Limits.QueuedBytesOfAllMax;

    /// <summary>Sends again what a former connection left unacknowledged, then what is queued, as far as the windows allow. Called under the lock.</summary>
    public void Pump()
    {
        if (Connection is not { } connection || IsDiscarded)
        {
            return;
        }

        SendAgain(connection);
        while (_queue is { Count: > 0 } queue && connection.PendingBytes < broker.Limits.OutboundBytesMax)
        {
            var delivery = queue.Peek();
            if (delivery.Qos > 0 && !MaySendNow(connection))
            {
                return;
            }

            queue.Dequeue();
            CountQueued(-delivery.Message.Bytes);
            if (delivery.Message.ExpiresAtMs != StoredMessage.Never && delivery.Message.ExpiresAtMs <= broker.Clock.NowMs)
            {
                broker.Statistics.CountExpired(); // [MQTT-3.3.2-5]
                broker.Journal.Removed(this, delivery.Sequence);
                continue;
            }

            var view = new MessageView(delivery.Message);
            if (delivery.Qos == 0)
            {
                connection.WritePublish(ref view, new Codec.PublishHead { Retain = delivery.Retain, SubscriptionIds = delivery.Ids });
            }
            else
            {
                Send(connection, ref view, delivery);
            }
        }

        if (_queue is { Count: 0 })
        {
            _queue = null;
        }
    }

    /// <summary>State of a packet identifier that the broker gave. Called under the lock.</summary>
    public InflightState StateOf(ushort packetId) => _inflight?.StateOf(packetId) ?? InflightState.Done;

    /// <summary>PUBREC arrived. Called under the lock.</summary>
    public void MarkReceived(ushort packetId)
    {
        if (_inflight is { } window)
        {
            window.Received(packetId);
            broker.Journal.Saved(this, window.DeliveryOf(packetId), packetId, isReceived: true);
        }
    }

    /// <summary>A delivery is finished; the next may go. Called under the lock.</summary>
    public void Finish(ushort packetId)
    {
        if (IsRecorded)
        {
            broker.Journal.Removed(this, _inflight?.DeliveryOf(packetId).Sequence ?? 0);
        }

        _inflight?.Finish(packetId);
        if (_inflight is { Span: 0 } && Connection is null)
        {
            _inflight = null;
        }

        Pump();
    }

    private static void Apply(Subscription subscription, in Codec.SubscriptionRequest request, uint subscriptionId)
    {
        subscription.Qos = request.Qos;
        subscription.NoLocal = request.NoLocal;
        subscription.RetainAsPublished = request.RetainAsPublished;
        subscription.RetainHandling = request.RetainHandling;
        subscription.Ids = subscriptionId == 0 ? null : [subscriptionId];
    }

    private bool MaySendNow(Connection connection) =>
        connection.PendingBytes < broker.Limits.OutboundBytesMax
        && (_inflight is not { } window
            || (window.Cursor == window.Span && window.Outstanding < connection.InflightMax && !window.IsFull));

    private void Send(Connection connection, ref MessageView message, in Delivery delivery)
    {
        var head = new Codec.PublishHead { Qos = delivery.Qos, Retain = delivery.Retain, SubscriptionIds = delivery.Ids };
        if (!connection.Fits(ref message, head))
        {
            broker.Statistics.CountTooLarge(); // [MQTT-3.1.2-25]
            broker.Journal.Removed(this, delivery.Sequence);
            return;
        }

        head.PacketId = (_inflight ??= new InflightWindow()).Add(delivery);
        broker.Journal.Saved(this, delivery, head.PacketId);
        connection.WritePublish(ref message, head);
    }

    private void SendAgain(Connection connection)
    {
        if (_inflight is not { } window)
        {
            return;
        }

        while (window.Outstanding < connection.InflightMax
            && connection.PendingBytes < broker.Limits.OutboundBytesMax
            && window.TryNextUnsent(out var packetId, out var entry))
        {
            if (entry.State == InflightState.AwaitPubcomp)
            {
                connection.WriteAck(Packets.PacketType.Pubrel, packetId, Packets.ReasonCode.Success);
                window.MarkSent();
                continue;
            }

            var view = new MessageView(entry.Delivery.Message);
            var head = new Codec.PublishHead
            {
                Qos = entry.Delivery.Qos,
                Retain = entry.Delivery.Retain,
                SubscriptionIds = entry.Delivery.Ids,
                PacketId = packetId,
                Duplicate = true, // [MQTT-3.3.1-1]
            };
            if (connection.Fits(ref view, head))
            {
                connection.WritePublish(ref view, head);
                window.MarkSent();
            }
            else
            {
                broker.Journal.Removed(this, entry.Delivery.Sequence);
                window.SkipUnsent();
                broker.Statistics.CountTooLarge();
            }
        }
    }

    private void Enqueue(in Delivery delivery)
    {
        if (!MayQueueRetained())
        {
            broker.Statistics.CountQueueFull();
            return;
        }

        EnqueueUnbounded(delivery);
    }

    private void EnqueueUnbounded(in Delivery delivery)
    {
        (_queue ??= new Queue<Delivery>()).Enqueue(delivery);
        CountQueued(delivery.Message.Bytes);
        broker.Journal.Saved(this, delivery, packetId: 0);
    }

    private void CountQueued(long bytes)
    {
        _queuedBytes += bytes;
        broker.CountQueued(bytes);
    }

    private Delivery New(ref MessageView message, byte qos, bool retain, uint[]? ids) =>
        new(message.Store(), qos, retain, ids, IsRecorded && qos > 0 ? broker.Journal.NextSequence() : 0);

    private void DropQueuedQos0()
    {
        if (_queue is not { } queue)
        {
            return;
        }

        for (var i = queue.Count; i > 0; i--)
        {
            var delivery = queue.Dequeue();
            if (delivery.Qos > 0)
            {
                queue.Enqueue(delivery);
            }
            else
            {
                CountQueued(-delivery.Message.Bytes);
            }
        }
    }
}
