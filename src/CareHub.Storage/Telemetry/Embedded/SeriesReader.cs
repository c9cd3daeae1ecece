using System.Runtime.InteropServices;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded.Fresh;
using CareHub.Storage.Telemetry.Embedded.Packing;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// Reads series back from blocks, roll-ups, what is not packed yet, and rows of what came late; of two words for one time the
/// later of these counts. Lives as long as one query, which sees one state of the file.
/// </summary>
internal sealed class SeriesReader(SqliteConnection connection) : IDisposable
{
    private static readonly long HourTicks = TimeSpan.TicksPerHour;

    private readonly FreshReader _fresh = new(connection);

    public void Dispose() => _fresh.Dispose();

    /// <summary>Every series of a device in order of name, with its newest point if it has one.</summary>
    public List<(string Name, Point Newest)> Latest(string device)
    {
        var latest = new List<(string, Point)>();
        using var series = new SqlStatement(connection, "SELECT id, name FROM series WHERE device = ? ORDER BY name");
        using var newestRow = new SqlStatement(connection, "SELECT at, value FROM point WHERE series = ? ORDER BY at DESC LIMIT 1");
        using var newestBlock = new SqlStatement(connection, "SELECT data FROM block WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1");
        series.Bind(1, device);
        while (series.Step())
        {
            var id = series.Number(0)!.Value;
            var newest = _fresh.Newest(id);
            newestRow.Bind(1, id);
            while (newestRow.Step())
                newest = NewerOf(newest, new Point(newestRow.Number(0)!.Value, newestRow.Real(1)));
            newestBlock.Bind(1, BlockKey.FirstOf(id)).Bind(2, BlockKey.FirstOf(id + 1));
            while (newestBlock.Step())
            {
                var points = new List<Point>();
                PointBlock.Unpack(newestBlock.Blob(0), points);
                newest = NewerOf(points[^1], newest);
            }

            if (newest is { } point)
                latest.Add((series.Text(1), point));
        }

        return latest;
    }

    /// <summary>Of two with one time the later word.</summary>
    private static Point? NewerOf(Point? one, Point? laterWord) =>
        one is null || (laterWord is { } other && other.At >= one.Value.At) ? laterWord : one;

    public long? Find(string device, string name)
    {
        using var series = new SqlStatement(connection, "SELECT id FROM series WHERE device = ? AND name = ?");
        return series.Bind(1, device).Bind(2, name).RunForNumber();
    }

    /// <summary>Points in [from, to), in order of time, at most <paramref name="limit"/> of the newest.</summary>
    public List<Point> Points(long series, long from, long to, int limit)
    {
        if (limit == 0 || to <= from)
            return [];
        var packed = Packing.Points.Merge(Packed(series, from, to, limit), _fresh.Points(series, from, to));
        var merged = Packing.Points.Merge(packed, Rows(series, from, to, limit));
        return merged.Count <= limit ? merged : merged.GetRange(merged.Count - limit, limit);
    }

    /// <summary>Windows in [from, to), whose ends are ends of windows.</summary>
    public IEnumerable<Rollup> Windows(long series, long from, long to, long windowTicks)
    {
        if (RollupLevel.For(windowTicks) is not { } level)
            return Rollup.Of(CollectionsMarshal.AsSpan(Points(series, from, to, int.MaxValue)), windowTicks);

        // An hour whose roll-ups are not the last word is summed up from its points, by windows that do not reach beyond it.
        var finest = Math.Min(windowTicks, HourTicks);
        var sums = new List<Rollup>();
        var cursor = from;
        foreach (var hour in HoursToSumUp(series, from, to))
        {
            var (begin, end) = (hour * HourTicks, (hour + 1) * HourTicks);
            AddSummedUp(sums, level, series, cursor, begin, windowTicks);
            var points = Points(series, Math.Max(begin, from), Math.Min(end, to), int.MaxValue);
            foreach (var each in Rollup.Of(CollectionsMarshal.AsSpan(points), finest))
                sums.Add(each with { Window = BlockKey.PeriodAt(each.Window * finest, windowTicks) });
            cursor = end;
        }

        AddSummedUp(sums, level, series, cursor, to, windowTicks);
        return Rollup.Of(sums, 1);
    }

    /// <summary>Hours whose roll-ups are not the last word, in order.</summary>
    private SortedSet<long> HoursToSumUp(long series, long from, long to)
    {
        using var horizon = new SqlStatement(connection, "SELECT hour FROM horizon");
        var first = horizon.RunForNumber() is { } hour ? Math.Max(from, hour * HourTicks) : from;
        var hours = new SortedSet<long>(_fresh.Hours(series, BlockKey.PeriodAt(first, HourTicks), BlockKey.PeriodAt(to - 1, HourTicks)));
        using var next = new SqlStatement(connection, "SELECT at FROM point WHERE series = ? AND at >= ? AND at < ? ORDER BY at LIMIT 1");
        // From hour to hour: a row in each is enough to know.
        while (next.Bind(1, series).Bind(2, first).Bind(3, to).RunForNumber() is { } at)
        {
            var late = BlockKey.PeriodAt(at, HourTicks);
            hours.Add(late);
            first = (late + 1) * HourTicks;
        }

        return hours;
    }

    /// <summary>Adds what a level says of [from, to); of days that are not whole, what their hours say.</summary>
    private void AddSummedUp(List<Rollup> sums, RollupLevel level, long series, long from, long to, long windowTicks)
    {
        if (to <= from)
            return;
        if (level == RollupLevel.Day)
        {
            var firstDay = -BlockKey.PeriodAt(-from, level.WindowTicks) * level.WindowTicks;
            var lastDay = BlockKey.PeriodAt(to, level.WindowTicks) * level.WindowTicks;
            if (firstDay > lastDay)
                (firstDay, lastDay) = (to, to);
            AddBlocks(sums, RollupLevel.Hour, series, from, firstDay, windowTicks);
            AddBlocks(sums, level, series, firstDay, lastDay, windowTicks);
            AddBlocks(sums, RollupLevel.Hour, series, lastDay, to, windowTicks);
            return;
        }

        AddBlocks(sums, level, series, from, to, windowTicks);
    }

    private void AddBlocks(List<Rollup> sums, RollupLevel level, long series, long from, long to, long windowTicks)
    {
        if (to <= from)
            return;
#pragma warning disable CA2100 // the table's name is this program's own
        using var blocks = new SqlStatement(connection, $"SELECT data FROM {level.Table} WHERE id >= ? AND id <= ? ORDER BY id");
#pragma warning restore CA2100
        blocks.Bind(1, BlockKey.Of(series, BlockKey.PeriodAt(from, level.BlockTicks))).Bind(2, BlockKey.Of(series, BlockKey.PeriodAt(to - 1, level.BlockTicks)));
        while (blocks.Step())
        {
            foreach (var window in RollupBlock.Unpack(blocks.Blob(0)))
            {
                var at = window.Window * level.WindowTicks;
                if (at >= from && at < to)
                    sums.Add(window with { Window = BlockKey.PeriodAt(at, windowTicks) });
            }
        }
    }

    private List<Point> Rows(long series, long from, long to, int limit)
    {
        var rows = new List<Point>();
        using var newest = new SqlStatement(connection, "SELECT at, value FROM point WHERE series = ? AND at >= ? AND at < ? ORDER BY at DESC LIMIT ?");
        newest.Bind(1, series).Bind(2, from).Bind(3, to).Bind(4, limit);
        while (newest.Step())
            rows.Add(new Point(newest.Number(0)!.Value, newest.Real(1)));
        rows.Reverse();
        return rows;
    }

    private List<Point> Packed(long series, long from, long to, int limit)
    {
        using var blocks = new SqlStatement(connection, "SELECT data FROM block WHERE id >= ? AND id <= ? ORDER BY id DESC");
        blocks.Bind(1, BlockKey.Of(series, BlockKey.PeriodAt(from, HourTicks))).Bind(2, BlockKey.Of(series, BlockKey.PeriodAt(to - 1, HourTicks)));
        var newestFirst = new List<List<Point>>();
        var count = 0;
        while (count < limit && blocks.Step())
        {
            var points = new List<Point>();
            PointBlock.Unpack(blocks.Blob(0), points);
            points.RemoveAll(point => point.At < from || point.At >= to);
            newestFirst.Add(points);
            count += points.Count;
        }

        newestFirst.Reverse();
        return [.. newestFirst.SelectMany(points => points)];
    }
}
