using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded.Packing;
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
    private readonly SqliteCommand _findSeries, _addSeries, _dropSpool, _putCursor;
    private readonly SqlStatement _putPoint, _putSpool;
    private (long Series, int Index)[] _order = [];
    private long _nextSequence;

    public TelemetryWriter(string connectionString, TelemetryLimits limits)
    {
        _limits = limits;
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
            // FULL: a commit returns when it is on disk, because an acknowledgement follows.
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            // Every series has a page that is written to now; the default 2 MB would push them out again and again.
            Execute("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;");
            Execute($"PRAGMA max_page_count = {Math.Max(64, limits.FileBytesMax / ScalarOf("PRAGMA page_size"))};");
            SchemaVersionFound = TelemetrySchema.Upgrade(_connection);
            _nextSequence = 1 + ScalarOf("SELECT max(ifnull((SELECT max(sequence) FROM spool), 0), ifnull((SELECT position FROM cursor WHERE stream = 'readings'), 0))");

            _findSeries = Prepare("SELECT id FROM series WHERE device = $device AND name = $name", "$device", "$name");
            _addSeries = Prepare("INSERT INTO series (device, name) VALUES ($device, $name) RETURNING id", "$device", "$name");
            _putPoint = new SqlStatement(_connection, "INSERT OR REPLACE INTO point (series, at, value) VALUES (?, ?, ?)");
            _putSpool = new SqlStatement(_connection, "INSERT INTO spool (sequence, series, at, value, queued_ms) VALUES (?, ?, ?, ?, ?)");
            Packer = new Packer(_connection, limits);
            _dropSpool = Prepare("DELETE FROM spool WHERE sequence <= $position", "$position");
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

    /// <summary>Sequence number of the newest spooled reading, 0 when there never was one.</summary>
    public long LastSequence => _nextSequence - 1;

    /// <summary>Plain SQL instead of a transaction object, which every prepared command would have to be told about.</summary>
    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <remarks>
    /// By series: the rows of one go to one page, which is then found once (1.9 to 1.6 µs per reading, measured by
    /// the benchmark <c>embedded</c>). Of equal times the later in the batch counts.
    /// </remarks>
    public void Append(IReadOnlyList<Reading> batch, long? spooledAtUnixMs)
    {
        if (_order.Length < batch.Count)
            _order = new (long, int)[batch.Count];
        for (var i = 0; i < batch.Count; i++)
            _order[i] = (SeriesId(batch[i].DeviceId, batch[i].Name), i);
        var order = _order.AsSpan(0, batch.Count);
        order.Sort();
        foreach (var (series, i) in order)
        {
            var reading = batch[i];
            _putPoint.Bind(1, series).Bind(2, UnixTicks.From(reading.At)).Bind(3, reading.Value).Run();
            if (spooledAtUnixMs is { } queued)
                _putSpool.Bind(1, _nextSequence++).Bind(2, series).Bind(3, UnixTicks.From(reading.At)).Bind(4, reading.Value).Bind(5, queued).Run();
        }
    }

    /// <summary>Everything up to <paramref name="position"/> has arrived where it was going.</summary>
    public void AdvanceReadings(long position)
    {
        Run(_dropSpool, position);
        Run(_putCursor, TelemetryStreams.Readings, position);
    }

    public void AdvanceEvents(long position) => Run(_putCursor, TelemetryStreams.Events, position);

    public void Dispose()
    {
        foreach (var command in new IDisposable[] { _findSeries, _addSeries, _putPoint, _putSpool, _dropSpool, _putCursor, Packer })
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

/// <summary>Names in the cursor table.</summary>
internal static class TelemetryStreams
{
    public const string Readings = "readings";
    public const string Events = "events";
}
