using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Spool;
using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Tests.Telemetry.Spool;

/// <summary>A data directory of the version that spooled in SQLite.</summary>
[Collection(SharedInfluxd.Name)]
public sealed class OldSpoolTests(InfluxdProcess influxd) : IDisposable
{
    /// <summary>As that version made it; it does not change any more.</summary>
    private const string OldSchema = """
        CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (device, name));
        CREATE TABLE point (series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
        CREATE TABLE spool (sequence INTEGER PRIMARY KEY, series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, queued_ms INTEGER NOT NULL);
        CREATE TABLE cursor (stream TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO series VALUES (1, 'vit-0012', 'heart_rate'), (2, 'vit-0012', 'battery');
        INSERT INTO cursor VALUES ('readings', 4711), ('events', 17);
        PRAGMA user_version = 2;
        """;

    private readonly string _database = $"old spool {Guid.NewGuid():N}";
    private readonly TemporaryDirectory _directory = new();
    private readonly CollectingLogger _log = new();

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task What_waited_there_goes_to_InfluxDB_from_the_new_spool_and_nothing_is_lost()
    {
        CreateOld(kept: 500, waiting: 300);
        await using (var storage = Open())
        {
            await storage.Store.AppendAsync([Some.Reading(1_000, 1_000)], default);
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 301, "all that waited, and one more, is forwarded");
            var series = await storage.Store.SeriesAsync("vit-0012", "heart_rate", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 10_000, default);
            Assert.Equal([.. Enumerable.Range(0, 500), 1_000], series.Select(reading => (int)reading.Value));
        }

        var stored = await influxd.QueryAsync(_database, "SELECT value FROM readings WHERE \"name\" = 'heart_rate'");
        Assert.Equal([.. Enumerable.Range(350, 150), 1_000], stored.Select(row => row[1].GetInt32()));
        Assert.Equal(150, (await influxd.QueryAsync(_database, "SELECT value FROM readings WHERE \"name\" = 'battery'")).Count);
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'spool'"));
        Assert.Contains(_log.Lines, line => line == (4204, "300 readings that waited for InfluxDB in telemetry.db have moved to the spool"));
    }

    [Fact]
    public async Task An_upgrade_that_was_killed_half_way_moves_it_once()
    {
        CreateOld(kept: 10, waiting: 10);
        // Killed while it was copying: a folder without its name.
        Directory.CreateDirectory(Path.Combine(_directory.Path, "spool.new"));
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "spool.new", "vital-0000000000000000001.log"), "half of it");
        OldSpool.Move(_directory.Path, new SeriesBook(ReadingClasses.Default, null), TelemetryLimits.Default, _log);
        // Killed after it: the table is still there.
        OldSpool.Move(_directory.Path, new SeriesBook(ReadingClasses.Default, null), TelemetryLimits.Default, _log);
        await using var storage = Open();
        await Eventually.TrueAsync(() => storage.Forwarder is { ReadingsForwarded: 10, ReadingsWaiting: 0 }, "each once");
        Assert.False(Directory.Exists(Path.Combine(_directory.Path, "spool.new")));
    }

    private void CreateOld(int kept, int waiting)
    {
        Scalar(OldSchema);
        var first = UnixTicks.From(Some.Time);
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {kept - 1})
            INSERT INTO point SELECT 1, {first} + i * 10000000, i FROM n;
            WITH RECURSIVE n(i) AS (SELECT {kept - (waiting / 2)} UNION ALL SELECT i + 1 FROM n WHERE i < {kept - 1})
            INSERT INTO spool (sequence, series, at, value, queued_ms) SELECT i * 2, 1, {first} + i * 10000000, i, 1 FROM n UNION ALL SELECT i * 2 + 1, 2, {first} + i * 10000000, i, 1 FROM n;
            """;
        command.ExecuteNonQuery();
    }

    private TelemetryStorage Open() => TelemetryStorage.Open(_directory.Path, influxd.Options(_database), null, TimeProvider.System, _log, Some.QuickLimits);

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, TelemetryFile.FileName)};Pooling=False");
        connection.Open();
        return connection;
    }

    private object? Scalar(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own text
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
