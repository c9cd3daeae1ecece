using System.Runtime.InteropServices;
using CareHub.Mqtt.Sessions;
using CareHub.Storage;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.BrokerStore;

/// <summary>
/// Applies batches of changes to one connection, with statements prepared once. Nothing is remembered between batches
/// but row numbers of sessions, so a batch that failed can be applied again by another writer. A message's row goes
/// when the batch that takes away its last delivery or its retained topic ends.
/// </summary>
internal sealed class BrokerWriter(SqliteConnection connection, MessageIds ids) : IDisposable
{
    private readonly List<SqlStatement> _all = [];
    private readonly Dictionary<string, long> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<long> _finished = [];
    private readonly HashSet<long> _written = [];
    private readonly HashSet<long> _perhapsUnused = [];
    private Statements? _statements;

    private Statements Sql => _statements ??= new Statements(Prepare);

    public void Write(IReadOnlyList<StoreChange> changes)
    {
        _finished.Clear();
        _written.Clear();
        _perhapsUnused.Clear();
        foreach (var change in changes)
        {
            if (change is StoreChange.DeliveryRemoved removed)
            {
                _finished.Add(removed.Sequence);
            }
        }

        Sql.Begin.Run();
        foreach (var change in changes)
        {
            Apply(change);
        }

        foreach (var message in _perhapsUnused)
        {
            Sql.RemoveUnused.Bind(1, message).Run();
        }

        Sql.Commit.Run();
    }

    public void Dispose() => _all.ForEach(static statement => statement.Dispose());

    private void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.SessionSaved saved:
                _sessions[saved.ClientId] = Sql.SaveSession
                    .Bind(1, saved.ClientId).Bind(2, saved.ExpirySeconds).Bind(3, Ms(saved.ExpiresAt)).RunForNumber()!.Value;
                break;
            case StoreChange.SessionRemoved removed when Session(removed.ClientId) is { } session:
                RemoveSession(session);
                _sessions.Remove(removed.ClientId);
                break;
            case StoreChange.SubscriptionSaved saved when Session(saved.ClientId) is { } session:
                Save(session, saved.Subscription);
                break;
            case StoreChange.SubscriptionRemoved removed when Session(removed.ClientId) is { } session:
                Sql.RemoveSubscription.Bind(1, session).Bind(2, removed.TopicFilter).Run();
                break;
            // What begins and ends within a batch need not be written at all.
            case StoreChange.DeliverySaved saved when !_finished.Contains(saved.Delivery.Sequence) && Session(saved.ClientId) is { } session:
                Save(session, saved.Delivery);
                break;
            case StoreChange.DeliveryRemoved removed when Session(removed.ClientId) is { } session:
                Release(Sql.RemoveDelivery.Bind(1, session).Bind(2, removed.Sequence));
                break;
            case StoreChange.Qos2Received received when Session(received.ClientId) is { } session:
                Sql.SaveReceived.Bind(1, session).Bind(2, received.PacketId).Run();
                break;
            case StoreChange.Qos2Released released when Session(released.ClientId) is { } session:
                Sql.RemoveReceived.Bind(1, session).Bind(2, released.PacketId).Run();
                break;
            case StoreChange.RetainedSaved saved:
                var id = Save(saved.Message);
                Release(Sql.FindRetained.Bind(1, saved.Message.Topic.Span));
                Sql.SaveRetained.Bind(1, saved.Message.Topic.Span).Bind(2, id).Run();
                break;
            case StoreChange.RetainedRemoved removed:
                Release(Sql.RemoveRetained.Bind(1, removed.Topic.Span));
                break;
        }
    }

    private long? Session(string clientId)
    {
        if (_sessions.TryGetValue(clientId, out var known))
        {
            return known;
        }

        var found = Sql.FindSession.Bind(1, clientId).RunForNumber();
        if (found is { } id)
        {
            _sessions.Add(clientId, id);
        }

        return found;
    }

    private void RemoveSession(long session)
    {
        Release(Sql.RemoveDeliveries.Bind(1, session));
        Sql.RemoveSubscriptions.Bind(1, session).Run();
        Sql.RemoveAllReceived.Bind(1, session).Run();
        Sql.RemoveSession.Bind(1, session).Run();
    }

    private void Save(long session, DurableSubscription subscription) => Sql.SaveSubscription
        .Bind(1, session)
        .Bind(2, subscription.TopicFilter)
        .Bind(3, subscription.Qos)
        .Bind(4, subscription.NoLocal ? 1 : 0)
        .Bind(5, subscription.RetainAsPublished ? 1 : 0)
        .Bind(6, subscription.RetainHandling)
        .Bind(7, subscription.Identifier)
        .Run();

    private void Save(long session, DurableDelivery delivery)
    {
        long? message = null;
        if (delivery.Message is { } durable)
        {
            message = Save(durable);
        }
        else
        {
            Release(Sql.FindDelivery.Bind(1, session).Bind(2, delivery.Sequence)); // the receiver has it now
        }

        Sql.SaveDelivery
            .Bind(1, session)
            .Bind(2, delivery.Sequence)
            .Bind(3, message)
            .Bind(4, delivery.Qos)
            .Bind(5, delivery.Retain ? 1 : 0)
            .Bind(6, MemoryMarshal.AsBytes<uint>(delivery.SubscriptionIds is { } identifiers ? [.. identifiers] : []))
            .Bind(7, delivery.PacketId)
            .Bind(8, delivery.IsReceived ? 1 : 0)
            .Run();
    }

    private long Save(DurableMessage message)
    {
        var id = ids.Of(message);
        if (_written.Add(id))
        {
            Sql.SaveMessage
                .Bind(1, id)
                .Bind(2, message.Topic.Span)
                .Bind(3, message.Properties.Span)
                .Bind(4, message.Payload.Span)
                .Bind(5, message.Qos)
                .Bind(6, message.Retain ? 1 : 0)
                .Bind(7, Ms(message.ExpiresAt))
                .Run();
        }

        return id;
    }

    /// <summary>Runs a statement whose rows name messages that may have lost their last user.</summary>
    private void Release(SqlStatement statement)
    {
        while (statement.Step())
        {
            if (statement.Number(0) is { } message)
            {
                _perhapsUnused.Add(message);
            }
        }
    }

    private SqlStatement Prepare(string sql)
    {
        var statement = new SqlStatement(connection, sql);
        _all.Add(statement);
        return statement;
    }

    private static long? Ms(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds();

    private sealed class Statements(Func<string, SqlStatement> prepare)
    {
        public readonly SqlStatement Begin = prepare("BEGIN IMMEDIATE");
        public readonly SqlStatement Commit = prepare("COMMIT");
        public readonly SqlStatement FindSession = prepare("SELECT id FROM session WHERE client_id=?1");
        public readonly SqlStatement SaveSession = prepare(
            "INSERT INTO session(client_id, expiry_seconds, expires_at_ms) VALUES(?1, ?2, ?3) " +
            "ON CONFLICT(client_id) DO UPDATE SET expiry_seconds=excluded.expiry_seconds, expires_at_ms=excluded.expires_at_ms RETURNING id");
        public readonly SqlStatement RemoveSession = prepare("DELETE FROM session WHERE id=?1");
        public readonly SqlStatement SaveSubscription = prepare("INSERT OR REPLACE INTO subscription VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        public readonly SqlStatement RemoveSubscription = prepare("DELETE FROM subscription WHERE session=?1 AND filter=?2");
        public readonly SqlStatement RemoveSubscriptions = prepare("DELETE FROM subscription WHERE session=?1");
        public readonly SqlStatement SaveMessage = prepare("INSERT OR IGNORE INTO message VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        public readonly SqlStatement RemoveUnused = prepare(
            "DELETE FROM message WHERE id=?1 AND NOT EXISTS(SELECT 1 FROM delivery WHERE message=?1) AND NOT EXISTS(SELECT 1 FROM retained WHERE message=?1)");
        public readonly SqlStatement FindDelivery = prepare("SELECT message FROM delivery WHERE session=?1 AND sequence=?2");
        public readonly SqlStatement SaveDelivery = prepare(
            "INSERT INTO delivery VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) " +
            "ON CONFLICT(session, sequence) DO UPDATE SET message=excluded.message, packet_id=excluded.packet_id, is_received=excluded.is_received");
        public readonly SqlStatement RemoveDelivery = prepare("DELETE FROM delivery WHERE session=?1 AND sequence=?2 RETURNING message");
        public readonly SqlStatement RemoveDeliveries = prepare("DELETE FROM delivery WHERE session=?1 RETURNING message");
        public readonly SqlStatement SaveReceived = prepare("INSERT OR IGNORE INTO received VALUES(?1, ?2)");
        public readonly SqlStatement RemoveReceived = prepare("DELETE FROM received WHERE session=?1 AND packet_id=?2");
        public readonly SqlStatement RemoveAllReceived = prepare("DELETE FROM received WHERE session=?1");
        public readonly SqlStatement FindRetained = prepare("SELECT message FROM retained WHERE topic=?1");
        public readonly SqlStatement SaveRetained = prepare("INSERT INTO retained VALUES(?1, ?2) ON CONFLICT(topic) DO UPDATE SET message=excluded.message");
        public readonly SqlStatement RemoveRetained = prepare("DELETE FROM retained WHERE topic=?1 RETURNING message");
    }
}
