using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>The tables of <c>telemetry.db</c>, versioned by <c>PRAGMA user_version</c>.</summary>
internal static class TelemetrySchema
{
    /// <summary>Step n brings a file from version n to n + 1. Steps that have shipped never change.</summary>
    private static readonly string[] Steps =
    [
        // A point is (series, time, value) and nothing else: some 20 bytes a row, ordered as it is read. The primary
        // key makes a second write of the same series and time an update. The newest point of a series is one seek.
        """
        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            device TEXT NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (device, name)
        );
        CREATE TABLE point (
            series INTEGER NOT NULL,
            at INTEGER NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (series, at)
        ) WITHOUT ROWID;
        """,

        // What InfluxDB has not confirmed yet, in order of arrival (not of time: a device may deliver old readings
        // late). A row leaves when it is confirmed. The cursors remember how far each stream has come, so that a
        // sequence number is never used twice even when the spool has run empty.
        """
        CREATE TABLE spool (
            sequence INTEGER PRIMARY KEY,
            series INTEGER NOT NULL,
            at INTEGER NOT NULL,
            value REAL NOT NULL,
            queued_ms INTEGER NOT NULL
        );
        CREATE TABLE cursor (
            stream TEXT PRIMARY KEY,
            position INTEGER NOT NULL
        ) WITHOUT ROWID;
        """,

        // The spool is a log of its own now (OldSpool has moved what was left here), and the cursors say how far of it is
        // in this file.
        """
        DROP TABLE spool;
        DELETE FROM cursor;
        """,

        // Past hours are packed: one block per series and hour, and what is summed up of them per level; the keys are
        // those of BlockKey. A row of point that stays is newer than its hour's block and its roll-ups. Before the
        // horizon there are only roll-ups: a reading that comes later than that must not make them anew.
        """
        CREATE TABLE block (id INTEGER PRIMARY KEY, points INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE rollup_minute (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE rollup_quarter (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE rollup_hour (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE rollup_day (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE horizon (one INTEGER PRIMARY KEY CHECK (one = 1), hour INTEGER NOT NULL);
        """,

        // Readings of hours that are not packed yet come in batches: a row of fresh holds what a transaction brought of
        // neighbouring series, its key is that of ChunkKey. Which hours packing has taken, packed says; what comes later than
        // that of such an hour is a row of point.
        """
        CREATE TABLE batch (hour INTEGER NOT NULL, id INTEGER NOT NULL, points INTEGER NOT NULL, PRIMARY KEY (hour, id)) WITHOUT ROWID;
        CREATE TABLE fresh (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE packed (one INTEGER PRIMARY KEY CHECK (one = 1), hour INTEGER NOT NULL, next_series INTEGER NOT NULL);
        """,
    ];

    public static int Version => Steps.Length;

    /// <summary>Applies the missing steps, each in its own transaction; returns the version found.</summary>
    public static int Upgrade(SqliteConnection connection)
    {
        var found = (int)(long)Scalar(connection, null, "PRAGMA user_version")!;
        if (found > Version)
            throw new InvalidDataException($"telemetry.db has schema version {found}; this program knows versions up to {Version}. Use a newer CareHub, or another directory.");

        for (var version = found; version < Version; version++)
        {
            using var transaction = connection.BeginTransaction();
            Scalar(connection, transaction, Steps[version]);
            Scalar(connection, transaction, $"PRAGMA user_version = {version + 1}");
            transaction.Commit();
        }

        return found;
    }

    private static object? Scalar(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // the text is this file's own
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
