using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Sessions;

/// <summary>
/// All sessions by client identifier: who may take one over, when one ends, when a delayed will is due.
/// Lock order everywhere: registry, retained store, session, subscription tree.
/// </summary>
internal sealed class SessionRegistry(BrokerCore broker)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Session, long> _timers = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>
    /// Gives the connection its session: the one it had [MQTT-3.1.2-5], or a new one [MQTT-3.1.2-4]. A connection that
    /// still serves the client identifier loses it [MQTT-3.1.4-3]. <paramref name="accepted"/> runs before anything
    /// else can be sent to the connection; it writes the CONNACK. Returns null when there is no room.
    /// </summary>
    public Session? Attach(Connection connection, string clientId, bool cleanStart, uint expirySeconds, Action<bool> accepted)
    {
        Connection? replaced = null;
        var wills = new List<Will>();
        Session session;
        lock (_lock)
        {
            var present = _sessions.TryGetValue(clientId, out var existing);
            replaced = existing?.Connection;
            if (present && !cleanStart && existing!.ExpiresAtMs > broker.Clock.NowMs && !EndsWithConnection(existing))
            {
                session = existing;
                ReleaseWills(session, replaced, sessionEnds: false, wills);
            }
            else
            {
                if (!present && _sessions.Count >= broker.Limits.SessionsMax)
                {
                    return null;
                }

                if (present)
                {
                    ReleaseWills(existing!, replaced, sessionEnds: true, wills);
                    Discard(existing!);
                    present = false;
                }

                session = new Session(clientId, broker);
                _sessions[clientId] = session;
            }

            replaced?.SetCause(DisconnectCause.TakenOver);
            lock (session)
            {
                session.ExpirySeconds = expirySeconds;
                connection.Join(session);
                session.Attach(connection);
                broker.Journal.Saved(session);
                accepted(present);
            }
        }

        replaced?.Close(DisconnectCause.TakenOver, ReasonCode.SessionTakenOver);
        foreach (var will in wills)
        {
            broker.PublishWill(will);
        }

        return session;
    }

    /// <summary>A connection has ended. Its will is published, kept for its delay, or given up; so is its session.</summary>
    public void Detach(Connection connection, bool publishWill)
    {
        Will? due = null;
        lock (_lock)
        {
            var session = connection.Session!;
            lock (session)
            {
                if (!session.Detach(connection))
                {
                    return; // taken over: whoever took it has dealt with the will
                }
            }

            var now = broker.Clock.NowMs;
            var will = publishWill ? connection.Will : null;
            if (session.ExpirySeconds == 0)
            {
                due = will; // the session ends now, and the will with it [MQTT-3.1.3-9]
                Remove(session);
            }
            else
            {
                session.ExpiresAtMs = session.ExpirySeconds == uint.MaxValue ? StoredMessage.Never : now + (session.ExpirySeconds * 1000L);
                if (will is { Message.DelaySeconds: > 0 })
                {
                    session.DelayedWill = will;
                    session.WillDueMs = Math.Min(session.ExpiresAtMs, now + (will.Message.DelaySeconds * 1000L));
                }
                else
                {
                    due = will;
                }

                Arm(session);
                lock (session)
                {
                    broker.Journal.Saved(session);
                }
            }
        }

        if (due is not null)
        {
            broker.PublishWill(due);
        }
    }

    /// <summary>Puts back a session that the store kept; one that was connected has its whole expiry from now on. Called before the broker listens.</summary>
    public void Restore(StoredSession stored)
    {
        var session = new Session(stored.ClientId, broker) { ExpirySeconds = stored.ExpirySeconds, IsRecorded = true };
        session.ExpiresAtMs = stored.ExpiresAt is not null ? broker.Journal.ToMs(stored.ExpiresAt)
            : stored.ExpirySeconds == uint.MaxValue ? StoredMessage.Never : broker.Clock.NowMs + (stored.ExpirySeconds * 1000L);
        session.Restore(stored);
        foreach (var kept in stored.Subscriptions.Values.ToArray())
        {
            if (SharedFilter.TryParse(kept.TopicFilter, out var shared))
            {
                var request = new Codec.SubscriptionRequest(kept.TopicFilter, shared, kept.Qos, kept.NoLocal, kept.RetainAsPublished, kept.RetainHandling);
                session.Subscribe(request, kept.Identifier, out _);
            }
        }

        if (stored.Deliveries.Count > 0)
        {
            broker.Journal.ContinueAfter(stored.Deliveries.Keys.Last());
        }

        lock (_lock)
        {
            _sessions[stored.ClientId] = session;
            Arm(session);
        }
    }

    /// <summary>Ends sessions and publishes wills whose time has come.</summary>
    public void Sweep(long nowMs)
    {
        var wills = new List<Will>();
        lock (_lock)
        {
            while (_timers.TryPeek(out var session, out var dueMs) && dueMs <= nowMs)
            {
                _timers.Dequeue();
                if (dueMs == session.TimerDueMs)
                {
                    session.TimerDueMs = StoredMessage.Never;
                }

                if (session.IsConnected || session.IsDiscarded)
                {
                    continue;
                }

                if (session.DelayedWill is { } will && session.WillDueMs <= nowMs)
                {
                    wills.Add(will);
                    ForgetWill(session);
                }

                if (session.ExpiresAtMs <= nowMs)
                {
                    Remove(session); // [MQTT-4.1.0-2]
                }
                else
                {
                    Arm(session);
                }
            }
        }

        foreach (var will in wills)
        {
            broker.PublishWill(will);
        }
    }

    /// <summary>The connection that serves a client identifier, if any.</summary>
    public Connection? FindConnection(string clientId)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(clientId, out var session) ? session.Connection : null;
        }
    }

    // A 3.1.1 client with Clean Session, or a 5.0 client without expiry, left nothing to resume [MQTT-3.1.2-6 of 3.1.1].
    private static bool EndsWithConnection(Session session) => session.ExpirySeconds == 0;

    /// <summary>
    /// §3.1.3.2.2: a delayed will is given up when the session goes on and published when it ends. The will of the
    /// replaced connection is published unless it has a delay and the session goes on.
    /// </summary>
    private static void ReleaseWills(Session session, Connection? replaced, bool sessionEnds, List<Will> wills)
    {
        if (session.DelayedWill is { } delayed)
        {
            if (sessionEnds)
            {
                wills.Add(delayed);
            }

            ForgetWill(session); // [MQTT-3.1.3-9]
        }

        if (replaced?.TakeWill() is { } will && (sessionEnds || will.Message.DelaySeconds == 0))
        {
            wills.Add(will);
        }
    }

    private static void ForgetWill(Session session)
    {
        session.DelayedWill = null;
        session.WillDueMs = StoredMessage.Never;
    }

    private void Arm(Session session)
    {
        var due = Math.Min(session.ExpiresAtMs, session.WillDueMs);
        if (due < session.TimerDueMs)
        {
            session.TimerDueMs = due;
            _timers.Enqueue(session, due);
        }
    }

    private void Remove(Session session)
    {
        _sessions.Remove(session.ClientId);
        Discard(session);
    }

    private void Discard(Session session)
    {
        IReadOnlyCollection<Subscription> subscriptions;
        lock (session)
        {
            subscriptions = session.Discard();
            broker.Journal.Removed(session);
        }

        foreach (var subscription in subscriptions)
        {
            broker.Tree.Remove(subscription);
        }
    }
}
