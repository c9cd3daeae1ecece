using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>Writes an hour of a series: its block, and its part of the roll-ups of each level. On the writer's connection.</summary>
internal sealed class HourPacker : IDisposable
{
    private readonly PointBlock _pointBlock = new();
    private readonly RollupBlock _rollupBlock = new();
    private readonly List<Point> _packed = [];
    private readonly SqlStatement _readBlock, _putBlock;
    private readonly Dictionary<RollupLevel, (SqlStatement Read, SqlStatement Put)> _rollups = [];

    public HourPacker(SqliteConnection connection)
    {
        _readBlock = new SqlStatement(connection, "SELECT data FROM block WHERE id = ?");
        _putBlock = new SqlStatement(connection, "INSERT OR REPLACE INTO block (id, points, data) VALUES (?, ?, ?)");
        foreach (var level in RollupLevel.All)
        {
            _rollups.Add(level, (
                new SqlStatement(connection, $"SELECT data FROM {level.Table} WHERE id = ?"),
                new SqlStatement(connection, $"INSERT OR REPLACE INTO {level.Table} (id, data) VALUES (?, ?)")));
        }
    }

    /// <summary>Puts readings into their hour's block; they are the newer word. Its roll-ups are made anew.</summary>
    public void Pack(long series, long hour, List<Point> newer)
    {
        var key = BlockKey.Of(series, hour);
        _packed.Clear();
        if (BlobOf(_readBlock, key) is { } block)
            PointBlock.Unpack(block, _packed);
        var points = Points.Merge(_packed, newer).ToArray();
        _putBlock.Bind(1, key).Bind(2, points.Length).Bind(3, _pointBlock.Pack(points)).Run();

        var minutes = Rollup.Of(points, RollupLevel.Minute.WindowTicks);
        PutRollups(RollupLevel.Minute, series, hour, minutes);
        Renew(RollupLevel.Quarter, series, hour, Rollup.Of(minutes, 15));
        var hours = Renew(RollupLevel.Hour, series, hour, Rollup.Of(minutes, 60));

        // A block of hours holds whole days.
        var day = BlockKey.PeriodAt(hour, 24);
        Renew(RollupLevel.Day, series, hour, Rollup.Of(hours.Where(each => BlockKey.PeriodAt(each.Window, 24) == day), 24));
    }

    /// <summary>Replaces the windows of an hour in their block; returns all of the block.</summary>
    private List<Rollup> Renew(RollupLevel level, long series, long hour, List<Rollup> windows)
    {
        var at = hour * TimeSpan.TicksPerHour;
        var period = BlockKey.PeriodAt(at, level.BlockTicks);
        var all = BlobOf(_rollups[level].Read, BlockKey.Of(series, period)) is { } block ? RollupBlock.Unpack(block) : [];
        var first = BlockKey.PeriodAt(at, level.WindowTicks);
        var last = BlockKey.PeriodAt(at + TimeSpan.TicksPerHour - 1, level.WindowTicks);
        all.RemoveAll(window => window.Window >= first && window.Window <= last);
        all.InsertRange(all.Count(window => window.Window < first), windows);
        PutRollups(level, series, period, all);
        return all;
    }

    private void PutRollups(RollupLevel level, long series, long period, List<Rollup> windows) =>
        _rollups[level].Put.Bind(1, BlockKey.Of(series, period)).Bind(2, _rollupBlock.Pack(windows)).Run();

    public void Dispose()
    {
        _readBlock.Dispose();
        _putBlock.Dispose();
        foreach (var (read, put) in _rollups.Values)
        {
            read.Dispose();
            put.Dispose();
        }
    }

    private static byte[]? BlobOf(SqlStatement statement, long key)
    {
        byte[]? blob = null;
        statement.Bind(1, key);
        while (statement.Step())
            blob = statement.Blob(0);
        return blob;
    }
}
