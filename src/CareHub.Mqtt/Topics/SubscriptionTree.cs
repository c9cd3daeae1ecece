using System.Text;
using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Topics;

/// <summary>One level of the tree.</summary>
internal sealed class SubscriptionNode(SubscriptionNode? parent, byte[] level)
{
    public SubscriptionNode? Parent { get; } = parent;

    public byte[] Level { get; } = level;

    /// <summary>Literal levels below.</summary>
    public Dictionary<byte[], SubscriptionNode>? Children { get; set; }

    /// <summary>The <c>+</c> below.</summary>
    public SubscriptionNode? Plus { get; set; }

    /// <summary>The <c>#</c> below.</summary>
    public SubscriptionNode? Hash { get; set; }

    public SubscriberList? Subscribers { get; set; }

    public List<SubscriberList>? Groups { get; set; }

    public bool IsEmpty => Plus is null && Hash is null && Subscribers is null && Groups is null && Children is null;
}

/// <summary>Who gets a message: a session, with what its matching subscriptions add up to.</summary>
internal struct MatchedSession
{
    public Session Session;

    /// <summary>The highest of the matching subscriptions [MQTT-3.3.4-2].</summary>
    public byte Qos;
    public bool RetainAsPublished;
    public uint[]? Ids;
}

/// <summary>
/// All subscriptions, by topic level. Thread-safe; <see cref="Version"/> moves with every change, so that a match may
/// be remembered until then.
/// </summary>
internal sealed class SubscriptionTree
{
    private readonly Lock _lock = new();
    private readonly SubscriptionNode _root = new(null, []);
    private int _version;
    private int _stamp;

    public int Version => Volatile.Read(ref _version);

    /// <summary>Filters may have no shared member at all; then a match can be remembered. Shared ones are picked anew each time.</summary>
    public int Count { get; private set; }

    public void Add(Subscription subscription)
    {
        var filter = Encoding.UTF8.GetBytes(subscription.Shared.Filter);
        lock (_lock)
        {
            ListFor(Descend(filter), subscription.Shared.Group).Add(subscription);
            Count++;
            _version++;
        }
    }

    /// <summary>Options of a subscription have changed [MQTT-3.8.4-3].</summary>
    public void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _version++;
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (subscription.List is not { } list)
            {
                return;
            }

            list.Remove(subscription);
            Count--;
            _version++;
            if (list.Count == 0)
            {
                Drop(list);
            }
        }
    }

    /// <summary>
    /// Adds to the list each session that gets a message with this topic, once, whatever the number of its matching
    /// subscriptions. Returns the version that the answer holds for, or -1 when it must not be remembered because a
    /// share group took its turn.
    /// </summary>
    public int Match(ReadOnlySpan<byte> topic, Session? publisher, List<MatchedSession> matches)
    {
        lock (_lock)
        {
            _stamp++;
            var walk = new Walk(publisher, matches, _stamp);
            if (TopicRules.IsReserved(topic))
            {
                // [MQTT-4.7.2-1]: only the literal first level.
                walk.Literal(_root, topic);
            }
            else
            {
                walk.Visit(_root, topic);
            }

            return walk.Shared ? -1 : _version;
        }
    }

    private SubscriptionNode Descend(ReadOnlySpan<byte> filter)
    {
        var node = _root;
        while (true)
        {
            var end = filter.IndexOf((byte)'/');
            var level = end < 0 ? filter : filter[..end];
            node = Child(node, level);
            if (end < 0)
            {
                return node;
            }

            filter = filter[(end + 1)..];
        }
    }

    private static SubscriptionNode Child(SubscriptionNode node, ReadOnlySpan<byte> level)
    {
        switch (level)
        {
            case [(byte)'+']:
                return node.Plus ??= new SubscriptionNode(node, "+"u8.ToArray());
            case [(byte)'#']:
                return node.Hash ??= new SubscriptionNode(node, "#"u8.ToArray());
        }

        var children = node.Children ??= new Dictionary<byte[], SubscriptionNode>(Utf8KeyComparer.Instance);
        var lookup = children.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(level, out var child))
        {
            child = new SubscriptionNode(node, level.ToArray());
            children.Add(child.Level, child);
        }

        return child;
    }

    private static SubscriberList ListFor(SubscriptionNode node, string? group)
    {
        if (group is null)
        {
            return node.Subscribers ??= new SubscriberList(node, null);
        }

        node.Groups ??= [];
        foreach (var existing in node.Groups)
        {
            if (existing.Group == group)
            {
                return existing;
            }
        }

        var list = new SubscriberList(node, group);
        node.Groups.Add(list);
        return list;
    }

    private static void Drop(SubscriberList list)
    {
        var node = list.Node;
        if (list.Group is null)
        {
            node.Subscribers = null;
        }
        else
        {
            node.Groups!.Remove(list);
            if (node.Groups.Count == 0)
            {
                node.Groups = null;
            }
        }

        while (node.IsEmpty && node.Parent is { } parent)
        {
            if (ReferenceEquals(parent.Plus, node))
            {
                parent.Plus = null;
            }
            else if (ReferenceEquals(parent.Hash, node))
            {
                parent.Hash = null;
            }
            else
            {
                parent.Children!.Remove(node.Level);
                if (parent.Children.Count == 0)
                {
                    parent.Children = null;
                }
            }

            node = parent;
        }
    }

    /// <summary>One walk down the tree for one topic.</summary>
    private struct Walk(Session? publisher, List<MatchedSession> matches, int stamp)
    {
        /// <summary>A share group has been asked.</summary>
        public bool Shared { get; private set; }

        /// <summary>Matches the topic's rest (never empty levels short: "" is one level) below the node.</summary>
        public void Visit(SubscriptionNode node, ReadOnlySpan<byte> topic)
        {
            if (node.Hash is { } hash)
            {
                Collect(hash);
            }

            var end = topic.IndexOf((byte)'/');
            if (node.Plus is { } plus)
            {
                Next(plus, topic, end);
            }

            LiteralAt(node, topic, end);
        }

        public void Literal(SubscriptionNode node, ReadOnlySpan<byte> topic) => LiteralAt(node, topic, topic.IndexOf((byte)'/'));

        private void LiteralAt(SubscriptionNode node, ReadOnlySpan<byte> topic, int end)
        {
            if (node.Children is { } children
                && children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(end < 0 ? topic : topic[..end], out var child))
            {
                Next(child, topic, end);
            }
        }

        private void Next(SubscriptionNode node, ReadOnlySpan<byte> topic, int end)
        {
            if (end >= 0)
            {
                Visit(node, topic[(end + 1)..]);
                return;
            }

            Collect(node);
            if (node.Hash is { } hash)
            {
                Collect(hash); // "sport/#" also matches "sport" (§4.7.1.2)
            }
        }

        private void Collect(SubscriptionNode node)
        {
            if (node.Subscribers is { } list)
            {
                foreach (var subscription in list.Items)
                {
                    // A message is not sent back to the session it came from when No Local is set [MQTT-3.8.3-3].
                    if (!subscription.NoLocal || !ReferenceEquals(subscription.Session, publisher))
                    {
                        Take(subscription, shared: false);
                    }
                }
            }

            if (node.Groups is { } groups)
            {
                Shared = true;
                foreach (var group in groups)
                {
                    Take(group.PickNext(), shared: true);
                }
            }
        }

        private readonly void Take(Subscription subscription, bool shared)
        {
            var session = subscription.Session;
            // A shared copy is a delivery of its own, beside what the session subscribed to ordinarily.
            if (!shared && session.MatchStamp == stamp)
            {
                Merge(ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(matches)[session.MatchIndex], subscription);
                return;
            }

            if (!shared)
            {
                session.MatchStamp = stamp;
                session.MatchIndex = matches.Count;
            }

            matches.Add(new MatchedSession
            {
                Session = session,
                Qos = subscription.Qos,
                RetainAsPublished = subscription.RetainAsPublished,
                Ids = subscription.Ids,
            });
        }

        private static void Merge(ref MatchedSession match, Subscription subscription)
        {
            match.Qos = Math.Max(match.Qos, subscription.Qos);
            match.RetainAsPublished |= subscription.RetainAsPublished;
            if (subscription.Ids is { } ids)
            {
                match.Ids = match.Ids is null ? ids : [.. match.Ids, .. ids];
            }
        }
    }
}
