using CareHub.Storage.Telemetry.Embedded.Packing;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>
/// Brings hours that have ended from batches into blocks and roll-ups, some series in each step. How far it has come is in
/// the file, so that a pass that was cut short is gone on with, and readers know which word counts. On the writer's
/// connection, within its transaction.
/// </summary>
internal sealed class FreshPacker : IDisposable
{
    private readonly HourPacker _hours;
    private readonly FreshWriter _writer;
    private readonly int _pointsPerStep;
    private readonly SqlStatement _put, _listBatches, _lastSeries, _chunkAt, _readChunks, _dropChunks, _dropBatches;
    private readonly List<Point> _scratch = [];

    public FreshPacker(SqliteConnection connection, HourPacker hours, FreshWriter writer, TelemetryLimits limits)
    {
        _hours = hours;
        _writer = writer;
        _pointsPerStep = limits.PackPointsPerStep;
        Packed = PackedUntil.Read(connection);
        _put = new SqlStatement(connection, "INSERT OR REPLACE INTO packed (one, hour, next_series) VALUES (1, ?, ?)");
        _listBatches = new SqlStatement(connection, "SELECT hour, id, points FROM batch WHERE hour < ? ORDER BY hour, id");
        _lastSeries = new SqlStatement(connection, "SELECT max(id) FROM series");
        _chunkAt = new SqlStatement(connection, "SELECT max(id) FROM fresh WHERE id >= ? AND id <= ?");
        _readChunks = new SqlStatement(connection, "SELECT id, data FROM fresh WHERE id >= ? AND id < ? ORDER BY id");
        _dropChunks = new SqlStatement(connection, "DELETE FROM fresh WHERE id >= ? AND id < ?");
        _dropBatches = new SqlStatement(connection, "DELETE FROM batch WHERE hour < ?");
    }

    /// <summary>How far it has come.</summary>
    public PackedUntil Packed { get; private set; }

    /// <summary>Goes on with a pass, or begins one over the hours before <paramref name="beforeHour"/>; readings from before the horizon are dropped.</summary>
    /// <returns>Readings that were dropped, and whether there is more to do.</returns>
    public (long Forgotten, bool HasMore) Step(long beforeHour, long horizonHour)
    {
        if (Packed.NextSeries == PackedUntil.All)
        {
            if (beforeHour <= Packed.Hour)
                return (0, false);
            Advance(new PackedUntil(beforeHour, 0));
        }

        var batches = BatchesBefore(Packed.Hour);
        var (from, to) = (Packed.NextSeries, NextSeries(batches));
        var forgotten = 0L;

        // First the room, then what needs it: a full file has to be able to shrink.
        var taken = Take(batches, from, to);
        foreach (var (hour, points) in taken)
        {
            if (hour < horizonHour)
                forgotten += points.Count;
            else
                PackHour(hour, points);
        }

        Advance(Packed with { NextSeries = to });
        if (to == PackedUntil.All)
        {
            _dropBatches.Bind(1, Packed.Hour).Run();
            _writer.Forget(Packed.Hour);
        }

        return (forgotten, to != PackedUntil.All || beforeHour > Packed.Hour);
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _put, _listBatches, _lastSeries, _chunkAt, _readChunks, _dropChunks, _dropBatches })
            statement.Dispose();
    }

    private void Advance(PackedUntil packed)
    {
        _put.Bind(1, packed.Hour).Bind(2, packed.NextSeries).Run();
        Packed = packed;
    }

    private List<(long Hour, long Batch, long Points)> BatchesBefore(long hour)
    {
        var batches = new List<(long, long, long)>();
        _listBatches.Bind(1, hour);
        while (_listBatches.Step())
            batches.Add((_listBatches.Number(0)!.Value, _listBatches.Number(1)!.Value, _listBatches.Number(2)!.Value));
        return batches;
    }

    /// <summary>So many series that they have a step's readings, by the average.</summary>
    private long NextSeries(List<(long Hour, long Batch, long Points)> batches)
    {
        var last = _lastSeries.RunForNumber() ?? 0;
        var readings = batches.Sum(static batch => (double)batch.Points);
        var count = readings <= _pointsPerStep ? last + 1 : Math.Max(1, (long)(_pointsPerStep / readings * last));
        return Packed.NextSeries + count > last ? PackedUntil.All : Packed.NextSeries + count;
    }

    /// <summary>Readings of some series, hour by hour in order; chunks that hold nothing else any more are dropped.</summary>
    private List<(long Hour, List<FreshPoint> Points)> Take(List<(long Hour, long Batch, long Points)> batches, long from, long to)
    {
        var hours = new List<(long, List<FreshPoint>)>();
        foreach (var hour in batches.GroupBy(static batch => batch.Hour))
        {
            var points = new List<FreshPoint>();
            foreach (var (_, batch, _) in hour)
                Take(batch, from, to, points);
            hours.Add((hour.Key, FreshOrder.Of(points)));
        }

        return hours;
    }

    private void Take(long batch, long from, long to, List<FreshPoint> into)
    {
        var begin = ChunkKey.Of(batch, 0);
        var end = to == PackedUntil.All ? ChunkKey.Of(batch + 1, 0) : ChunkKey.Of(batch, to);
        var first = _chunkAt.Bind(1, begin).Bind(2, ChunkKey.Of(batch, from)).RunForNumber() ?? begin;
        _readChunks.Bind(1, first).Bind(2, end);
        while (_readChunks.Step())
            FreshChunk.Read(_readChunks.Bytes(1), ChunkKey.SeriesOf(_readChunks.Number(0)!.Value), from, to, _scratch, into);

        // The last one that was read may hold series that come next.
        var keep = to == PackedUntil.All ? end : _chunkAt.Bind(1, begin).Bind(2, end).RunForNumber() ?? end;
        _dropChunks.Bind(1, begin).Bind(2, keep).Run();
    }

    private void PackHour(long hour, List<FreshPoint> points)
    {
        for (var i = 0; i < points.Count;)
        {
            var series = points[i].Series;
            var of = new List<Point>();
            for (; i < points.Count && points[i].Series == series; i++)
                of.Add(new Point(points[i].At, points[i].Value));
            _hours.Pack(series, hour, of);
        }
    }
}
