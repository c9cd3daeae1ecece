using System.Text;

namespace CareHub.Mqtt.Sessions;

/// <summary>Keeps everything in memory, across brokers of one process; for tests, and as the plain reading of what a store does.</summary>
public sealed class MemorySessionStore : ISessionStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DurableMessage> _retained = new(StringComparer.Ordinal);
    private long _position;

    /// <inheritdoc />
    public Task<StoredState> LoadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(new StoredState([.. _sessions.Values], [.. _retained.Values]));
        }
    }

    /// <inheritdoc />
    public long Record(StoreChange change)
    {
        lock (_lock)
        {
            Apply(change);
            return ++_position;
        }
    }

    /// <inheritdoc />
    public Task WhenDurable(long position) => Task.CompletedTask;

    /// <inheritdoc />
    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.SessionSaved saved:
                if (!_sessions.TryGetValue(saved.ClientId, out var session))
                {
                    _sessions.Add(saved.ClientId, session = new StoredSession { ClientId = saved.ClientId });
                }

                session.ExpirySeconds = saved.ExpirySeconds;
                session.ExpiresAt = saved.ExpiresAt;
                break;
            case StoreChange.SessionRemoved removed:
                _sessions.Remove(removed.ClientId);
                break;
            case StoreChange.SubscriptionSaved saved:
                _sessions[saved.ClientId].Subscriptions[saved.Subscription.TopicFilter] = saved.Subscription;
                break;
            case StoreChange.SubscriptionRemoved removed:
                _sessions[removed.ClientId].Subscriptions.Remove(removed.TopicFilter);
                break;
            case StoreChange.DeliverySaved saved:
                _sessions[saved.ClientId].Deliveries[saved.Delivery.Sequence] = saved.Delivery;
                break;
            case StoreChange.DeliveryRemoved removed:
                _sessions[removed.ClientId].Deliveries.Remove(removed.Sequence);
                break;
            case StoreChange.Qos2Received received:
                _sessions[received.ClientId].ReceivedQos2.Add(received.PacketId);
                break;
            case StoreChange.Qos2Released released:
                _sessions[released.ClientId].ReceivedQos2.Remove(released.PacketId);
                break;
            case StoreChange.RetainedSaved saved:
                _retained[Encoding.UTF8.GetString(saved.Message.Topic.Span)] = saved.Message;
                break;
            case StoreChange.RetainedRemoved removed:
                _retained.Remove(Encoding.UTF8.GetString(removed.Topic.Span));
                break;
        }
    }
}
