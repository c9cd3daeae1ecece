using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Sessions;

/// <summary>
/// Tells the store what changes, and nothing when there is none. Called under the lock of what changes, so that the
/// store hears of it in order.
/// </summary>
internal sealed class SessionJournal(ISessionStore? store, BrokerClock clock)
{
    private long _sequence;

    public bool IsOn => store is not null;

    public Task FlushAsync(CancellationToken cancellationToken) => store?.FlushAsync(cancellationToken) ?? Task.CompletedTask;

    public Task<StoredState> LoadAsync(CancellationToken cancellationToken) =>
        store?.LoadAsync(cancellationToken) ?? Task.FromResult(new StoredState([], []));

    public long NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>Sequences go on behind those that were loaded.</summary>
    public void ContinueAfter(long sequence) => _sequence = Math.Max(_sequence, sequence);

    public void Saved(Session session)
    {
        if (store is null)
        {
            return;
        }

        if (session.ExpirySeconds > 0)
        {
            session.IsRecorded = true;
            store.Record(new StoreChange.SessionSaved(session.ClientId, session.ExpirySeconds, ToUtc(session.ExpiresAtMs)));
        }
        else
        {
            Removed(session); // it will end with its connection: a crash is such an end
        }
    }

    public void Removed(Session session)
    {
        if (session.IsRecorded)
        {
            session.IsRecorded = false;
            store!.Record(new StoreChange.SessionRemoved(session.ClientId));
        }
    }

    public void Saved(Subscription subscription)
    {
        if (subscription.Session.IsRecorded)
        {
            store!.Record(new StoreChange.SubscriptionSaved(subscription.Session.ClientId, new DurableSubscription(
                subscription.TopicFilter,
                subscription.Qos,
                subscription.NoLocal,
                subscription.RetainAsPublished,
                subscription.RetainHandling,
                subscription.Ids?[0] ?? 0)));
        }
    }

    public void Removed(Subscription subscription)
    {
        if (subscription.Session.IsRecorded)
        {
            store!.Record(new StoreChange.SubscriptionRemoved(subscription.Session.ClientId, subscription.TopicFilter));
        }
    }

    public void Saved(Session session, in Delivery delivery, ushort packetId, bool isReceived = false)
    {
        if (session.IsRecorded && delivery.Qos > 0)
        {
            store!.Record(new StoreChange.DeliverySaved(session.ClientId, new DurableDelivery(
                delivery.Sequence,
                isReceived ? null : Durable(delivery.Message),
                delivery.Qos,
                delivery.Retain,
                delivery.Ids,
                packetId,
                isReceived)));
        }
    }

    public void Removed(Session session, long sequence)
    {
        if (session.IsRecorded && sequence != 0)
        {
            store!.Record(new StoreChange.DeliveryRemoved(session.ClientId, sequence));
        }
    }

    public void Received(Session session, ushort packetId)
    {
        if (session.IsRecorded)
        {
            store!.Record(new StoreChange.Qos2Received(session.ClientId, packetId));
        }
    }

    public void Released(Session session, ushort packetId)
    {
        if (session.IsRecorded)
        {
            store!.Record(new StoreChange.Qos2Released(session.ClientId, packetId));
        }
    }

    public void Retained(StoredMessage message) => store?.Record(new StoreChange.RetainedSaved(Durable(message)));

    public void RetainedRemoved(ReadOnlySpan<byte> topic) => store?.Record(new StoreChange.RetainedRemoved(topic.ToArray()));

    /// <summary>A kept message as the broker works with it.</summary>
    public StoredMessage Restore(DurableMessage message) => new(
        message.Topic.Span,
        new ForwardedProperties(message.Properties.Span, default, default),
        message.Payload.Span,
        message.Qos,
        message.Retain,
        ToMs(message.ExpiresAt));

    /// <summary>On the broker's clock.</summary>
    public long ToMs(DateTimeOffset? at) =>
        at is { } time ? clock.NowMs + (long)(time - clock.Provider.GetUtcNow()).TotalMilliseconds : StoredMessage.Never;

    private DateTimeOffset? ToUtc(long ms) =>
        ms == StoredMessage.Never ? null : clock.Provider.GetUtcNow() + TimeSpan.FromMilliseconds(ms - clock.NowMs);

    private DurableMessage Durable(StoredMessage message) => message.Durable ??= new DurableMessage(
        message.TopicMemory,
        message.PropertiesMemory,
        message.PayloadMemory,
        message.Qos,
        message.Retain,
        ToUtc(message.ExpiresAtMs));
}
