using CareHub.Storage.Telemetry.Embedded;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// Moves what waits for InfluxDB in the table <c>spool</c> of an earlier version's <c>telemetry.db</c>. It happens before
/// anything else is in the new spool, in a folder that gets its name when it is complete; the table goes with the schema's
/// next step. So a crash in between moves it once.
/// </summary>
/// <remarks>The readings are in the embedded store already; applying them again changes nothing.</remarks>
internal static class OldSpool
{
    private const int ReadingsPerWrite = 10_000;

    public static void Move(string directory, SeriesBook book, TelemetryLimits limits, ILogger logger)
    {
        var file = Path.Combine(directory, TelemetryFile.FileName);
        var folder = Path.Combine(directory, ReadingSpool.FolderName);
        if (!File.Exists(file) || Directory.Exists(folder))
            return;
        var fresh = folder + ".new";
        if (Directory.Exists(fresh))
            Directory.Delete(fresh, recursive: true);

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        using var exists = connection.CreateCommand();
        exists.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'spool'";
        if (exists.ExecuteScalar() is not 1L)
            return;

        Directory.CreateDirectory(fresh);
        var moved = Copy(connection, fresh, book, limits, logger);
        DirectorySync.Flush(fresh);
        Directory.Move(fresh, folder);
        DirectorySync.Flush(directory);
        if (moved > 0)
            TelemetryLog.SpoolMoved(logger, moved);
    }

    private static long Copy(SqliteConnection connection, string folder, SeriesBook book, TelemetryLimits limits, ILogger logger)
    {
        using var vital = LaneLog.Open(folder, SpoolLane.Vital, limits.SpoolSegmentBytesMax, 0, new SegmentDisk(), logger);
        using var low = LaneLog.Open(folder, SpoolLane.Low, limits.SpoolSegmentBytesMax, 0, new SegmentDisk(), logger);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT device, name, value, at, queued_ms FROM spool JOIN series ON series.id = spool.series ORDER BY sequence";
        using var rows = command.ExecuteReader();
        var group = new SpoolGroup();
        var moved = 0L;
        while (rows.Read())
        {
            group.Add(new SpoolReading(book.Of(rows.GetString(0)).Find(rows.GetString(1)), rows.GetInt64(3), rows.GetDouble(2), rows.GetInt64(4)));
            moved++;
            if (group.Count < ReadingsPerWrite)
                continue;
            group.WriteTo(vital, low);
            group.Reset();
        }

        group.WriteTo(vital, low);
        return moved;
    }
}
