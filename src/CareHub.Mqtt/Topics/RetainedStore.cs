using System.Text;
using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Topics;

/// <summary>Retained messages by topic level, MQTT 5.0 §3.3.1.3.</summary>
internal sealed class RetainedStore(long countMax, long bytesMax, SessionJournal journal)
{
    /// <summary>What a level of the tree takes beside its message, roughly.</summary>
    private const int LevelBytes = 256;

    private readonly Lock _lock = new();
    private readonly Node _root = new(null, []);
    private long _bytes;

    public long Count { get; private set; }

    /// <summary>
    /// Keeps the message in place of the topic's former one [MQTT-3.3.1-5]; an empty payload removes that
    /// [MQTT-3.3.1-6], [MQTT-3.3.1-7]. Returns false when a bound stands in the way: the former message is then gone
    /// too, because an outdated one would be a lie.
    /// </summary>
    public bool Set(ref MessageView message)
    {
        lock (_lock)
        {
            if (message.Payload.IsEmpty)
            {
                if (Remove(message.Topic))
                {
                    journal.RetainedRemoved(message.Topic);
                }

                return true;
            }

            var stored = message.Store();
            var node = Descend(message.Topic);
            var replaces = Forget(node);
            if (Count >= countMax || _bytes + stored.Bytes > bytesMax)
            {
                Prune(node);
                if (replaces)
                {
                    journal.RetainedRemoved(message.Topic);
                }

                return false;
            }

            Keep(node, stored);
            journal.Retained(stored);
            return true;
        }
    }

    /// <summary>Puts back a message that the store kept. Called before the broker listens.</summary>
    public void Restore(StoredMessage stored)
    {
        lock (_lock)
        {
            Keep(Descend(stored.Topic), stored);
        }
    }

    /// <summary>
    /// Calls back for each message that matches the filter and has not expired. Runs under the store's lock, so that
    /// no newer message can be routed to the same session before an older retained one.
    /// </summary>
    public void ForEachMatch(string topicFilter, long nowMs, Action<StoredMessage> found)
    {
        var filter = Encoding.UTF8.GetBytes(topicFilter);
        lock (_lock)
        {
            Visit(_root, filter, nowMs, found);
        }
    }

    /// <summary>Drops what has expired [MQTT-3.3.2-5].</summary>
    public void RemoveExpired(long nowMs)
    {
        lock (_lock)
        {
            var expired = new List<Node>();
            CollectExpired(_root, nowMs, expired);
            foreach (var node in expired)
            {
                journal.RetainedRemoved(node.Message!.Topic);
                Forget(node);
                Prune(node);
            }
        }
    }

    private static void CollectExpired(Node node, long nowMs, List<Node> expired)
    {
        if (node.Message is { } message && message.ExpiresAtMs <= nowMs)
        {
            expired.Add(node);
        }

        if (node.Children is { } children)
        {
            foreach (var child in children.Values)
            {
                CollectExpired(child, nowMs, expired);
            }
        }
    }

    private static void Visit(Node node, ReadOnlySpan<byte> filter, long nowMs, Action<StoredMessage> found)
    {
        var end = filter.IndexOf((byte)'/');
        var level = end < 0 ? filter : filter[..end];
        var rest = end < 0 ? default : filter[(end + 1)..];
        switch (level)
        {
            case [(byte)'#']:
                Everything(node, nowMs, found);
                return;
            case [(byte)'+']:
                if (node.Children is { } children)
                {
                    foreach (var child in children.Values)
                    {
                        if (node.Parent is not null || !TopicRules.IsReserved(child.Level))
                        {
                            Next(child, end, rest, nowMs, found);
                        }
                    }
                }

                return;
            default:
                if (node.Children is { } literal && literal.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(level, out var match))
                {
                    Next(match, end, rest, nowMs, found);
                }

                return;
        }
    }

    private static void Next(Node node, int end, ReadOnlySpan<byte> rest, long nowMs, Action<StoredMessage> found)
    {
        if (end >= 0)
        {
            Visit(node, rest, nowMs, found);
        }
        else
        {
            Report(node, nowMs, found);
        }
    }

    private static void Everything(Node node, long nowMs, Action<StoredMessage> found)
    {
        Report(node, nowMs, found);
        if (node.Children is { } children)
        {
            foreach (var child in children.Values)
            {
                // [MQTT-4.7.2-1]
                if (node.Parent is not null || !TopicRules.IsReserved(child.Level))
                {
                    Everything(child, nowMs, found);
                }
            }
        }
    }

    private static void Report(Node node, long nowMs, Action<StoredMessage> found)
    {
        if (node.Message is { } message && message.ExpiresAtMs > nowMs)
        {
            found(message);
        }
    }

    private Node Descend(ReadOnlySpan<byte> topic)
    {
        var node = _root;
        while (true)
        {
            var end = topic.IndexOf((byte)'/');
            var level = end < 0 ? topic : topic[..end];
            var children = node.Children ??= new Dictionary<byte[], Node>(Utf8KeyComparer.Instance);
            if (!children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(level, out var child))
            {
                child = new Node(node, level.ToArray());
                children.Add(child.Level, child);
                _bytes += LevelBytes;
            }

            node = child;
            if (end < 0)
            {
                return node;
            }

            topic = topic[(end + 1)..];
        }
    }

    private bool Remove(ReadOnlySpan<byte> topic)
    {
        var node = _root;
        while (true)
        {
            var end = topic.IndexOf((byte)'/');
            if (node.Children is not { } children
                || !children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(end < 0 ? topic : topic[..end], out var child))
            {
                return false;
            }

            node = child;
            if (end < 0)
            {
                var removed = Forget(node);
                Prune(node);
                return removed;
            }

            topic = topic[(end + 1)..];
        }
    }

    private void Keep(Node node, StoredMessage message)
    {
        node.Message = message;
        Count++;
        _bytes += message.Bytes;
    }

    private bool Forget(Node node)
    {
        if (node.Message is not { } former)
        {
            return false;
        }

        node.Message = null;
        Count--;
        _bytes -= former.Bytes;
        return true;
    }

    private void Prune(Node node)
    {
        while (node is { Message: null, Children: null, Parent: { } parent })
        {
            parent.Children!.Remove(node.Level);
            _bytes -= LevelBytes;
            if (parent.Children.Count == 0)
            {
                parent.Children = null;
            }

            node = parent;
        }
    }

    private sealed class Node(Node? parent, byte[] level)
    {
        public Node? Parent { get; } = parent;

        public byte[] Level { get; } = level;

        public Dictionary<byte[], Node>? Children { get; set; }

        public StoredMessage? Message { get; set; }
    }
}
