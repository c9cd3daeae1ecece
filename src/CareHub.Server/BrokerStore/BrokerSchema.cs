using CareHub.Storage;
using Microsoft.Data.Sqlite;

namespace CareHub.Server.BrokerStore;

/// <summary>Tables of <c>broker.db</c>. A message stands once, whoever waits for it.</summary>
internal static class BrokerSchema
{
    public const int Version = 1;

    private const string Tables = """
        CREATE TABLE session(
            id INTEGER PRIMARY KEY,
            client_id TEXT NOT NULL UNIQUE,
            expiry_seconds INTEGER NOT NULL,
            expires_at_ms INTEGER);
        CREATE TABLE subscription(
            session INTEGER NOT NULL,
            filter TEXT NOT NULL,
            qos INTEGER NOT NULL,
            no_local INTEGER NOT NULL,
            retain_as_published INTEGER NOT NULL,
            retain_handling INTEGER NOT NULL,
            identifier INTEGER NOT NULL,
            PRIMARY KEY(session, filter)) WITHOUT ROWID;
        CREATE TABLE message(
            id INTEGER PRIMARY KEY,
            topic BLOB NOT NULL,
            properties BLOB NOT NULL,
            payload BLOB NOT NULL,
            qos INTEGER NOT NULL,
            retain INTEGER NOT NULL,
            expires_at_ms INTEGER);
        CREATE TABLE delivery(
            session INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            message INTEGER,
            qos INTEGER NOT NULL,
            retain INTEGER NOT NULL,
            identifiers BLOB,
            packet_id INTEGER NOT NULL,
            is_received INTEGER NOT NULL,
            PRIMARY KEY(session, sequence)) WITHOUT ROWID;
        CREATE INDEX delivery_message ON delivery(message) WHERE message IS NOT NULL;
        CREATE TABLE received(
            session INTEGER NOT NULL,
            packet_id INTEGER NOT NULL,
            PRIMARY KEY(session, packet_id)) WITHOUT ROWID;
        CREATE TABLE retained(
            topic BLOB PRIMARY KEY,
            message INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX retained_message ON retained(message);
        """;

    /// <summary>Makes the tables in a new file; refuses a file of a later program.</summary>
    public static void Prepare(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var found = Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
        if (found > Version)
        {
            throw new IOException($"{path} was written by a later version (schema {found}, this program knows {Version}).");
        }

        if (found == 0)
        {
            SqliteFile.Execute(connection, $"BEGIN IMMEDIATE; {Tables} PRAGMA user_version={Version}; COMMIT;");
        }
    }
}
