using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded.Packing;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// The one connection that writes, with its prepared statements. Used by one thread at a time; whoever uses it opens
/// and commits the transaction. After an error it is thrown away, and a new one starts from what the file says.
/// </summary>
internal sealed class TelemetryWriter : IDisposable
{
    private readonly TelemetryLimits _limits;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<(string Device, string Name), long> _seriesIds = [];
    private readonly SqliteCommand _findSeries, _addSeries, _putCursor;
    private readonly SqlStatement _putPoint;

    public TelemetryWriter(string connectionString, TelemetryLimits limits)
    {
        _limits = limits;
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            // FULL: a commit returns when it is on disk, because the spool then deletes what it holds.
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            // Every series has a page that is written to now; the default 2 MB would push them out again and again.
            Execute("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;");
            Execute($"PRAGMA max_page_count = {Math.Max(64, limits.FileBytesMax / ScalarOf("PRAGMA page_size"))};");
            SchemaVersionFound = TelemetrySchema.Upgrade(_connection);

            _findSeries = Prepare("SELECT id FROM series WHERE device = $device AND name = $name", "$device", "$name");
            _addSeries = Prepare("INSERT INTO series (device, name) VALUES ($device, $name) RETURNING id", "$device", "$name");
            _putPoint = new SqlStatement(_connection, "INSERT OR REPLACE INTO point (series, at, value) VALUES (?, ?, ?)");
            Packer = new Packer(_connection, limits);
            _putCursor = Prepare("INSERT OR REPLACE INTO cursor (stream, position) VALUES ($stream, $position)", "$stream", "$position");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public int SchemaVersionFound { get; }

    /// <summary>What it does besides appending.</summary>
    public Packer Packer { get; }

    /// <summary>How far the spool had been applied when this connection was opened.</summary>
    public SpoolPosition AppliedAtOpen => new(
        ScalarOf($"SELECT ifnull((SELECT position FROM cursor WHERE stream = '{TelemetryStreams.Vital}'), 0)"),
        ScalarOf($"SELECT ifnull((SELECT position FROM cursor WHERE stream = '{TelemetryStreams.Low}'), 0)"));

    /// <summary>Plain SQL instead of a transaction object, which every prepared command would have to be told about.</summary>
    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <summary>Best by series: the rows of one go to one page, which is then found once.</summary>
    public void Append(IReadOnlyList<Reading> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var reading = batch[i];
            _putPoint.Bind(1, SeriesId(reading.DeviceId, reading.Name)).Bind(2, UnixTicks.From(reading.At)).Bind(3, reading.Value).Run();
        }
    }

    /// <summary>Remembers, in the transaction that holds the readings, how far of the spool they are.</summary>
    public void Applied(in SpoolPosition position)
    {
        Run(_putCursor, TelemetryStreams.Vital, position.Vital);
        Run(_putCursor, TelemetryStreams.Low, position.Low);
    }

    public void Dispose()
    {
        foreach (var command in new IDisposable[] { _findSeries, _addSeries, _putPoint, _putCursor, Packer })
            command.Dispose();
        _connection.Dispose();
    }

    private long SeriesId(string device, string name)
    {
        if (_seriesIds.TryGetValue((device, name), out var id))
            return id;
        Bind(_findSeries, device, name);
        if (_findSeries.ExecuteScalar() is long found)
        {
            id = found;
        }
        else
        {
            Bind(_addSeries, device, name);
            id = (long)_addSeries.ExecuteScalar()!;
        }

        if (_seriesIds.Count >= _limits.CachedSeriesMax)
            _seriesIds.Clear();
        _seriesIds.Add((device, name), id);
        return id;
    }

    private static int Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        return command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }

#pragma warning disable CA2100 // the texts are this file's own
    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = new SqliteCommand(sql, _connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        return command;
    }

    private void Execute(string sql)
    {
        using var command = new SqliteCommand(sql, _connection);
        command.ExecuteNonQuery();
    }

    private long ScalarOf(string sql)
    {
        using var command = new SqliteCommand(sql, _connection);
        return (long)command.ExecuteScalar()!;
    }
#pragma warning restore CA2100
}

/// <summary>Names in the cursor table: how far each lane of the spool has been applied.</summary>
internal static class TelemetryStreams
{
    public const string Vital = "vital";
    public const string Low = "low";
}
