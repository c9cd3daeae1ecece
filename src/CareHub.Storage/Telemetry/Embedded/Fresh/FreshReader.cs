using CareHub.Storage.Telemetry.Embedded.Packing;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>Reads what <see cref="FreshWriter"/> wrote and is not packed yet. Lives as long as one query, which sees one state of the file.</summary>
internal sealed class FreshReader : IDisposable
{
    private readonly List<(long Hour, long Batch)> _batches = [];
    private readonly PackedUntil _packed;
    private readonly SqlStatement _chunk;

    public FreshReader(SqliteConnection connection)
    {
        _packed = PackedUntil.Read(connection);
        _chunk = new SqlStatement(connection, "SELECT id, data FROM fresh WHERE id >= ? AND id <= ? ORDER BY id DESC LIMIT 1");
        using var batches = new SqlStatement(connection, "SELECT hour, id FROM batch ORDER BY hour, id");
        while (batches.Step())
            _batches.Add((batches.Number(0)!.Value, batches.Number(1)!.Value));
    }

    /// <summary>Hours from one to another, both included, that may have readings of a series here.</summary>
    public IEnumerable<long> Hours(long series, long first, long last) =>
        _batches.Where(batch => batch.Hour >= first && batch.Hour <= last && !_packed.Has(batch.Hour, series)).Select(batch => batch.Hour).Distinct();

    /// <summary>Points of a series in [from, to), in order of time.</summary>
    public List<Point> Points(long series, long from, long to)
    {
        var (first, last) = (BlockKey.PeriodAt(from, TimeSpan.TicksPerHour), BlockKey.PeriodAt(to - 1, TimeSpan.TicksPerHour));
        List<Point> points = [];
        foreach (var (hour, batch) in _batches)
        {
            if (hour < first || hour > last || _packed.Has(hour, series))
                continue;
            var more = Read(batch, series);
            more.RemoveAll(point => point.At < from || point.At >= to);
            points = Packing.Points.Merge(points, more);
        }

        return points;
    }

    /// <summary>The newest point of a series.</summary>
    public Point? Newest(long series)
    {
        Point? newest = null;
        for (var i = _batches.Count - 1; i >= 0; i--)
        {
            var (hour, batch) = _batches[i];

            // An hour's batches overlap in time, hours do not.
            if ((newest is { } known && BlockKey.PeriodAt(known.At, TimeSpan.TicksPerHour) > hour) || _packed.Has(hour, series))
                break;
            var points = Read(batch, series);
            if (points.Count > 0 && !(points[^1].At <= newest?.At))
                newest = points[^1];
        }

        return newest;
    }

    public void Dispose() => _chunk.Dispose();

    private List<Point> Read(long batch, long series)
    {
        var points = new List<Point>();
        _chunk.Bind(1, ChunkKey.Of(batch, 0)).Bind(2, ChunkKey.Of(batch, series));
        while (_chunk.Step())
            FreshChunk.Read(_chunk.Bytes(1), ChunkKey.SeriesOf(_chunk.Number(0)!.Value), series, points);
        return points;
    }
}
