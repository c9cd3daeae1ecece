using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded.Fresh;
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
    private readonly SqlStatement _putLate;
    private readonly HourPacker _hours;
    private readonly FreshWriter _fresh;
    private readonly List<FreshPoint> _points = [];

    public TelemetryWriter(string connectionString, TelemetryLimits limits)
    {
        _limits = limits;
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            // FULL: a commit returns when it is on disk, because the spool then deletes what it holds.
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            // An hour's batches are read once more when it is packed.
            Execute("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;");
            Execute($"PRAGMA max_page_count = {Math.Max(64, limits.FileBytesMax / ScalarOf("PRAGMA page_size"))};");
            SchemaVersionFound = TelemetrySchema.Upgrade(_connection);

            _findSeries = Prepare("SELECT id FROM series WHERE device = $device AND name = $name", "$device", "$name");
            _addSeries = Prepare("INSERT INTO series (device, name) VALUES ($device, $name) RETURNING id", "$device", "$name");
            _putLate = new SqlStatement(_connection, "INSERT OR REPLACE INTO point (series, at, value) VALUES (?, ?, ?)");
            _hours = new HourPacker(_connection);
            _fresh = new FreshWriter(_connection, limits);
            FreshPacker = new FreshPacker(_connection, _hours, _fresh, limits);
            Packer = new Packer(_connection, _hours, limits);
            _putCursor = Prepare("INSERT OR REPLACE INTO cursor (stream, position) VALUES ($stream, $position)", "$stream", "$position");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public int SchemaVersionFound { get; }

    /// <summary>Packs hours that have ended.</summary>
    public FreshPacker FreshPacker { get; }

    /// <summary>Packs what came late, and forgets.</summary>
    public Packer Packer { get; }

    /// <summary>How far the spool had been applied when this connection was opened.</summary>
    public SpoolPosition AppliedAtOpen => new(
        ScalarOf($"SELECT ifnull((SELECT position FROM cursor WHERE stream = '{TelemetryStreams.Vital}'), 0)"),
        ScalarOf($"SELECT ifnull((SELECT position FROM cursor WHERE stream = '{TelemetryStreams.Low}'), 0)"));

    /// <summary>Plain SQL instead of a transaction object, which every prepared command would have to be told about.</summary>
    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <summary>Best by series, and each in order of time: then there is nothing to sort.</summary>
    public void Append(IReadOnlyList<Reading> batch)
    {
        _points.Clear();
        var late = FreshPacker.Packed.Hour;
        var (device, name, series) = ("", "", 0L);
        for (var i = 0; i < batch.Count; i++)
        {
            var reading = batch[i];
            if (!ReferenceEquals(reading.DeviceId, device) || !ReferenceEquals(reading.Name, name))
                (device, name, series) = (reading.DeviceId, reading.Name, SeriesId(reading.DeviceId, reading.Name));
            var point = new FreshPoint(series, UnixTicks.From(reading.At), reading.Value);
            if (point.Hour < late)
                _putLate.Bind(1, series).Bind(2, point.At).Bind(3, point.Value).Run();
            else
                _points.Add(point);
        }

        _fresh.Write(_points);
    }

    /// <summary>Remembers, in the transaction that holds the readings, how far of the spool they are.</summary>
    public void Applied(in SpoolPosition position)
    {
        Run(_putCursor, TelemetryStreams.Vital, position.Vital);
        Run(_putCursor, TelemetryStreams.Low, position.Low);
    }

    public void Dispose()
    {
        foreach (var command in new IDisposable[] { _findSeries, _addSeries, _putLate, _putCursor, _hours, _fresh, FreshPacker, Packer })
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
