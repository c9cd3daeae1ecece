namespace CareHub.Mqtt.Sessions;

/// <summary>
/// Where sessions that outlive their connection, their queued and unacknowledged messages, and retained messages are
/// kept across a restart. The broker works in memory and records what changes.
/// </summary>
/// <remarks>
/// What is not kept: sessions that end with their connection, QoS 0 messages other than retained ones, wills.
/// <para>
/// What a crash can take: changes that were recorded and not yet durable. The broker promises nothing that depends on
/// them: PUBACK and PUBREC of a publish that was queued for a kept session or retained, SUBACK and UNSUBACK of a kept
/// session, and PUBCOMP and PUBREL leave only when the store has what they say. What was acknowledged by a subscriber
/// may be sent to it again with DUP. A QoS 2 delivery that was under way in the instant of the crash is the one case
/// without a promise: it may come twice.
/// </para>
/// </remarks>
public interface ISessionStore
{
    /// <summary>Everything that was recorded. Called once, before the broker listens.</summary>
    Task<StoredState> LoadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Takes a change. Called from any thread, under the broker's locks: put it into a bounded queue and return. Changes
    /// of one session, and of one retained topic, come in their order. An implementation that cannot keep up blocks
    /// here rather than drop; a failing one throws nothing and reports by its own means. Returns the change's position:
    /// above 0, and higher than that of every change before.
    /// </summary>
    long Record(StoreChange change);

    /// <summary>
    /// Completes when the change at the position, and every one before it, would be found after a crash. Called under the
    /// broker's locks: must not block, and must not run continuations on the thread that completes it while holding
    /// locks of its own.
    /// </summary>
    Task WhenDurable(long position);

    /// <summary>Completes when everything recorded so far is durable. Called when the broker stops.</summary>
    Task FlushAsync(CancellationToken cancellationToken);
}

/// <summary>A message as it is kept.</summary>
/// <param name="Topic">Topic name, UTF-8.</param>
/// <param name="Properties">MQTT 5.0 properties that travel with it, encoded, without expiry; empty for none.</param>
/// <param name="Payload">Application message.</param>
/// <param name="Qos">QoS it was published with.</param>
/// <param name="Retain">RETAIN flag it was published with.</param>
/// <param name="ExpiresAt">When it expires, or null.</param>
public sealed record DurableMessage(
    ReadOnlyMemory<byte> Topic,
    ReadOnlyMemory<byte> Properties,
    ReadOnlyMemory<byte> Payload,
    byte Qos,
    bool Retain,
    DateTimeOffset? ExpiresAt);

/// <summary>A message on its way to one session.</summary>
/// <param name="Sequence">Identifies it; rises with the order of delivery.</param>
/// <param name="Message">The message; the same instance for every session that gets it. Null once <paramref name="IsReceived"/>.</param>
/// <param name="Qos">QoS of the delivery: 1 or 2.</param>
/// <param name="Retain">RETAIN flag of the delivery.</param>
/// <param name="SubscriptionIds">Subscription identifiers, or null.</param>
/// <param name="PacketId">Packet identifier it was sent with; 0 while it is queued.</param>
/// <param name="IsReceived">PUBREC has come: only PUBREL and PUBCOMP are left.</param>
public sealed record DurableDelivery(
    long Sequence,
    DurableMessage? Message,
    byte Qos,
    bool Retain,
    IReadOnlyList<uint>? SubscriptionIds,
    ushort PacketId,
    bool IsReceived);

/// <summary>A subscription as it is kept.</summary>
/// <param name="TopicFilter">With any <c>$share/group/</c>.</param>
/// <param name="Qos">Granted QoS.</param>
/// <param name="NoLocal">MQTT 5.0 §3.8.3.1.</param>
/// <param name="RetainAsPublished">MQTT 5.0 §3.8.3.1.</param>
/// <param name="RetainHandling">MQTT 5.0 §3.8.3.1.</param>
/// <param name="Identifier">Subscription identifier; 0 for none.</param>
public sealed record DurableSubscription(string TopicFilter, byte Qos, bool NoLocal, bool RetainAsPublished, byte RetainHandling, uint Identifier);

/// <summary>A session as it is kept.</summary>
public sealed class StoredSession
{
    /// <summary>Client identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>Seconds it outlives a connection; <see cref="uint.MaxValue"/> for ever.</summary>
    public uint ExpirySeconds { get; set; }

    /// <summary>When it ends; null for never, or because it was connected.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>By topic filter.</summary>
    public Dictionary<string, DurableSubscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>By sequence.</summary>
    public SortedDictionary<long, DurableDelivery> Deliveries { get; } = [];

    /// <summary>Packet identifiers received at QoS 2 and not released.</summary>
    public HashSet<ushort> ReceivedQos2 { get; } = [];
}

/// <summary>Everything a store holds.</summary>
/// <param name="Sessions">Sessions.</param>
/// <param name="Retained">Retained messages.</param>
public sealed record StoredState(IReadOnlyCollection<StoredSession> Sessions, IReadOnlyCollection<DurableMessage> Retained);

/// <summary>One change to what is kept.</summary>
public abstract record StoreChange
{
    private StoreChange()
    {
    }

    /// <summary>A session began, or its expiry changed.</summary>
    public sealed record SessionSaved(string ClientId, uint ExpirySeconds, DateTimeOffset? ExpiresAt) : StoreChange;

    /// <summary>A session ended, with everything that belongs to it.</summary>
    public sealed record SessionRemoved(string ClientId) : StoreChange;

    /// <summary>A subscription was made or replaced.</summary>
    public sealed record SubscriptionSaved(string ClientId, DurableSubscription Subscription) : StoreChange;

    /// <summary>A subscription ended.</summary>
    public sealed record SubscriptionRemoved(string ClientId, string TopicFilter) : StoreChange;

    /// <summary>A delivery was queued, sent or received; replaces what was kept under its sequence.</summary>
    public sealed record DeliverySaved(string ClientId, DurableDelivery Delivery) : StoreChange;

    /// <summary>A delivery is finished or was given up.</summary>
    public sealed record DeliveryRemoved(string ClientId, long Sequence) : StoreChange;

    /// <summary>A QoS 2 publish was received.</summary>
    public sealed record Qos2Received(string ClientId, ushort PacketId) : StoreChange;

    /// <summary>A QoS 2 publish was released.</summary>
    public sealed record Qos2Released(string ClientId, ushort PacketId) : StoreChange;

    /// <summary>A retained message was set.</summary>
    public sealed record RetainedSaved(DurableMessage Message) : StoreChange;

    /// <summary>A retained message was removed.</summary>
    public sealed record RetainedRemoved(ReadOnlyMemory<byte> Topic) : StoreChange;
}
