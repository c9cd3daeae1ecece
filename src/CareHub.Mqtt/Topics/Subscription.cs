using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Topics;

/// <summary>One subscription of one session, in the list of one node of the tree.</summary>
internal sealed class Subscription
{
    public Subscription(Session session, string topicFilter, SharedFilter shared)
    {
        Session = session;
        TopicFilter = topicFilter;
        Shared = shared;
    }

    public Session Session { get; }

    /// <summary>As subscribed, with any <c>$share/group/</c>.</summary>
    public string TopicFilter { get; }

    public SharedFilter Shared { get; }

    public byte Qos { get; set; }

    public bool NoLocal { get; set; }

    public bool RetainAsPublished { get; set; }

    public byte RetainHandling { get; set; }

    /// <summary>Null without an identifier; kept as the array that goes into each PUBLISH.</summary>
    public uint[]? Ids { get; set; }

    /// <summary>Position in its list, so that removal need not search. Kept by the tree.</summary>
    public int Index { get; set; }

    /// <summary>The list it is in. Kept by the tree.</summary>
    public SubscriberList? List { get; set; }
}

/// <summary>Subscriptions of one node, unordered.</summary>
internal sealed class SubscriberList(SubscriptionNode node, string? group)
{
    private Subscription[] _items = new Subscription[1];
    private int _next;

    public SubscriptionNode Node { get; } = node;

    /// <summary>Share name, or null for ordinary subscriptions.</summary>
    public string? Group { get; } = group;

    public int Count { get; private set; }

    public ReadOnlySpan<Subscription> Items => _items.AsSpan(0, Count);

    public void Add(Subscription subscription)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        subscription.Index = Count;
        subscription.List = this;
        _items[Count++] = subscription;
    }

    public void Remove(Subscription subscription)
    {
        var last = _items[--Count];
        _items[subscription.Index] = last;
        last.Index = subscription.Index;
        _items[Count] = null!;
        subscription.List = null;
    }

    /// <summary>
    /// The member of a share group that takes the next message: in turn, those that are connected first.
    /// Called under the tree's lock.
    /// </summary>
    public Subscription PickNext()
    {
        for (var i = 0; i < Count; i++)
        {
            var candidate = _items[(int)((uint)(_next + i) % (uint)Count)];
            if (candidate.Session.IsConnected)
            {
                _next += i + 1;
                return candidate;
            }
        }

        return _items[(int)((uint)_next++ % (uint)Count)];
    }
}
