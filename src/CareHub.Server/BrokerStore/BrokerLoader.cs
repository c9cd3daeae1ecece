using System.Runtime.InteropServices;
using CareHub.Mqtt.Sessions;
using CareHub.Storage;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.BrokerStore;

/// <summary>Reads the whole of <c>broker.db</c> at start.</summary>
internal static class BrokerLoader
{
    public static StoredState Load(SqliteConnection connection, MessageIds ids)
    {
        var messages = Messages(connection, ids);
        var sessions = Sessions(connection);
        Subscriptions(connection, sessions);
        Deliveries(connection, sessions, messages);
        using (var rows = new SqlStatement(connection, "SELECT session, packet_id FROM received"))
        {
            while (rows.Step())
            {
                Of(sessions, rows)?.ReceivedQos2.Add((ushort)rows.Number(1)!);
            }
        }

        var retained = new List<DurableMessage>();
        using (var rows = new SqlStatement(connection, "SELECT message FROM retained"))
        {
            while (rows.Step())
            {
                if (messages.TryGetValue(rows.Number(0)!.Value, out var message))
                {
                    retained.Add(message);
                }
            }
        }

        return new StoredState(sessions.Values, retained);
    }

    private static Dictionary<long, DurableMessage> Messages(SqliteConnection connection, MessageIds ids)
    {
        var messages = new Dictionary<long, DurableMessage>();
        using var rows = new SqlStatement(connection, "SELECT id, topic, properties, payload, qos, retain, expires_at_ms FROM message");
        while (rows.Step())
        {
            var message = new DurableMessage(rows.Blob(1), rows.Blob(2), rows.Blob(3), (byte)rows.Number(4)!, rows.Number(5) != 0, Time(rows.Number(6)));
            messages.Add(rows.Number(0)!.Value, message);
            ids.Add(message, rows.Number(0)!.Value);
        }

        return messages;
    }

    private static Dictionary<long, StoredSession> Sessions(SqliteConnection connection)
    {
        var sessions = new Dictionary<long, StoredSession>();
        using var rows = new SqlStatement(connection, "SELECT id, client_id, expiry_seconds, expires_at_ms FROM session");
        while (rows.Step())
        {
            sessions.Add(rows.Number(0)!.Value, new StoredSession
            {
                ClientId = rows.Text(1),
                ExpirySeconds = (uint)rows.Number(2)!,
                ExpiresAt = Time(rows.Number(3)),
            });
        }

        return sessions;
    }

    private static void Subscriptions(SqliteConnection connection, Dictionary<long, StoredSession> sessions)
    {
        using var rows = new SqlStatement(connection, "SELECT session, filter, qos, no_local, retain_as_published, retain_handling, identifier FROM subscription");
        while (rows.Step())
        {
            var subscription = new DurableSubscription(
                rows.Text(1), (byte)rows.Number(2)!, rows.Number(3) != 0, rows.Number(4) != 0, (byte)rows.Number(5)!, (uint)rows.Number(6)!);
            Of(sessions, rows)?.Subscriptions.Add(subscription.TopicFilter, subscription);
        }
    }

    private static void Deliveries(SqliteConnection connection, Dictionary<long, StoredSession> sessions, Dictionary<long, DurableMessage> messages)
    {
        using var rows = new SqlStatement(connection, "SELECT session, sequence, message, qos, retain, identifiers, packet_id, is_received FROM delivery");
        while (rows.Step())
        {
            var message = rows.Number(2) is { } id ? messages.GetValueOrDefault(id) : null;
            var identifiers = rows.Blob(5);
            var delivery = new DurableDelivery(
                rows.Number(1)!.Value,
                message,
                (byte)rows.Number(3)!,
                rows.Number(4) != 0,
                identifiers.Length == 0 ? null : MemoryMarshal.Cast<byte, uint>(identifiers).ToArray(),
                (ushort)rows.Number(6)!,
                rows.Number(7) != 0);
            Of(sessions, rows)?.Deliveries.Add(delivery.Sequence, delivery);
        }
    }

    private static StoredSession? Of(Dictionary<long, StoredSession> sessions, SqlStatement rows) => sessions.GetValueOrDefault(rows.Number(0)!.Value);

    private static DateTimeOffset? Time(long? ms) => ms is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}
