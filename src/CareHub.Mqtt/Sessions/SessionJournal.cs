using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Sessions;

/// <summary>
/// Tells the store what changes, and nothing when there is none. Called under the lock of what changes, so that the
/// store hears of it in order.
/// </summary>
internal sealed class SessionJournal(ISessionStore? store, BrokerClock clock)
{
    [ThreadStatic]
    private static long s_position;

    private Dictionary<DurableMessage, StoredMessage> _restored = new(ReferenceEqualityComparer.Instance);
    private long _sequence;
    private long _last;

    /// <summary>From here on <see cref="Position"/> tells what this thread has recorded.</summary>
    public static void Mark() => s_position = 0;

    /// <summary>Position of the last change that this thread has recorded since <see cref="Mark"/>; 0 for none.</summary>
    public static long Position => s_position;

    /// <summary>A position behind everything recorded so far, by whatever thread.</summary>
    public long Now => Volatile.Read(ref _last);

    /// <summary>Is the change at the position kept? 0 stands for no change.</summary>
    public bool IsDurable(long position) => position == 0 || store is null || store.WhenDurable(position).IsCompleted;

    /// <summary>Completes when it is.</summary>
    public Task WhenDurable(long position) => position == 0 || store is null ? Task.CompletedTask : store.WhenDurable(position);

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
            Record(new StoreChange.SessionSaved(session.ClientId, session.ExpirySeconds, ToUtc(session.ExpiresAtMs)));
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
            Record(new StoreChange.SessionRemoved(session.ClientId));
        }
    }

    public void Saved(Subscription subscription)
    {
        if (subscription.Session.IsRecorded)
        {
            Record(new StoreChange.SubscriptionSaved(subscription.Session.ClientId, new DurableSubscription(
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
            Record(new StoreChange.SubscriptionRemoved(subscription.Session.ClientId, subscription.TopicFilter));
        }
    }

    public void Saved(Session session, in Delivery delivery, ushort packetId, bool isReceived = false)
    {
        if (session.IsRecorded && delivery.Qos > 0)
        {
            Record(new StoreChange.DeliverySaved(session.ClientId, new DurableDelivery(
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
            Record(new StoreChange.DeliveryRemoved(session.ClientId, sequence));
        }
    }

    public void Received(Session session, ushort packetId)
    {
        if (session.IsRecorded)
        {
            Record(new StoreChange.Qos2Received(session.ClientId, packetId));
        }
    }

    public void Released(Session session, ushort packetId)
    {
        if (session.IsRecorded)
        {
            Record(new StoreChange.Qos2Released(session.ClientId, packetId));
        }
    }

    public void Retained(StoredMessage message)
    {
        if (store is not null)
        {
            Record(new StoreChange.RetainedSaved(Durable(message)));
        }
    }

    public void RetainedRemoved(ReadOnlySpan<byte> topic)
    {
        if (store is not null)
        {
            Record(new StoreChange.RetainedRemoved(topic.ToArray()));
        }
    }

    /// <summary>A kept message as the broker works with it: one instance, however many sessions wait for it.</summary>
    public StoredMessage Restore(DurableMessage message)
    {
        if (!_restored.TryGetValue(message, out var restored))
        {
            restored = new StoredMessage(
                message.Topic.Span,
                new ForwardedProperties(message.Properties.Span, default, default),
                message.Payload.Span,
                message.Qos,
                message.Retain,
                ToMs(message.ExpiresAt))
            {
                Durable = message,
            };
            _restored.Add(message, restored);
        }

        return restored;
    }

    /// <summary>Everything is restored.</summary>
    public void EndRestore() => _restored = new(ReferenceEqualityComparer.Instance);

    /// <summary>On the broker's clock.</summary>
    public long ToMs(DateTimeOffset? at) =>
        at is { } time ? clock.NowMs + (long)(time - clock.Provider.GetUtcNow()).TotalMilliseconds : StoredMessage.Never;

    private void Record(StoreChange change)
    {
        var position = store!.Record(change);
        s_position = position;
        var last = Volatile.Read(ref _last);
        while (last < position && Interlocked.CompareExchange(ref _last, position, last) != last)
        {
            last = Volatile.Read(ref _last);
        }
    }

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
