using System.Runtime.InteropServices;
using CareHub.Storage.Telemetry.Embedded.Packing;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>
/// Writes readings of hours that are not packed yet: a transaction's are one batch, rows of neighbouring series one behind the
/// other. To write each reading into its series' page would change a page for every dozen readings; this changes one for every
/// few hundred. On the writer's connection.
/// </summary>
/// <remarks>
/// Batches of an hour are merged as they come (the newest one into the next, as long as it is no more than twice as large),
/// so that an hour has few, large ones, whatever the size of the transactions. Which of two batches is the newer word
/// their numbers tell.
/// </remarks>
internal sealed class FreshWriter : IDisposable
{
    private readonly int _batchPointsMax;
    private readonly SqlStatement _putBatch, _dropBatch, _putChunk, _readChunks, _dropChunks;
    private readonly Dictionary<long, Stack<(long Batch, long Count)>> _hours = [];
    private readonly FreshChunk _chunk = new();
    private readonly List<Point> _series = [];
    private readonly List<Point> _scratch = [];
    private long _lastBatch;

    public FreshWriter(SqliteConnection connection, TelemetryLimits limits)
    {
        _batchPointsMax = limits.FreshBatchPointsMax;
        _putBatch = new SqlStatement(connection, "INSERT INTO batch (hour, id, points) VALUES (?, ?, ?)");
        _dropBatch = new SqlStatement(connection, "DELETE FROM batch WHERE hour = ? AND id = ?");
        _putChunk = new SqlStatement(connection, "INSERT INTO fresh (id, data) VALUES (?, ?)");
        _readChunks = new SqlStatement(connection, "SELECT id, data FROM fresh WHERE id >= ? AND id < ? ORDER BY id");
        _dropChunks = new SqlStatement(connection, "DELETE FROM fresh WHERE id >= ? AND id < ?");
        using var batches = new SqlStatement(connection, "SELECT hour, id, points FROM batch ORDER BY hour, id");
        while (batches.Step())
            Note(batches.Number(0)!.Value, batches.Number(1)!.Value, batches.Number(2)!.Value);
    }

    /// <summary>Writes readings in any order; the list is not kept.</summary>
    public void Write(List<FreshPoint> points)
    {
        if (points.Count == 0)
            return;
        var ordered = FreshOrder.Of(points);
        if (ordered.TrueForAll(point => point.Hour == ordered[0].Hour))
        {
            Write(ordered[0].Hour, ordered);
            return;
        }

        foreach (var hour in ordered.GroupBy(static point => point.Hour))
            Write(hour.Key, [.. hour]);
    }

    /// <summary>The packer has taken these hours.</summary>
    public void Forget(long beforeHour)
    {
        foreach (var gone in _hours.Keys.Where(hour => hour < beforeHour).ToList())
            _hours.Remove(gone);
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _putBatch, _dropBatch, _putChunk, _readChunks, _dropChunks })
            statement.Dispose();
    }

    private void Write(long hour, List<FreshPoint> points)
    {
        while (_hours.TryGetValue(hour, out var batches) && batches.TryPeek(out var newest)
            && newest.Count <= 2L * points.Count && newest.Count + points.Count <= _batchPointsMax)
        {
            points = FreshOrder.Merge(Take(newest.Batch), points);
            _dropBatch.Bind(1, hour).Bind(2, newest.Batch).Run();
            batches.Pop();
        }

        var batch = _lastBatch + 1;
        _putBatch.Bind(1, hour).Bind(2, batch).Bind(3, points.Count).Run();
        Note(hour, batch, points.Count);
        for (var i = 0; i < points.Count;)
        {
            var series = points[i].Series;
            _series.Clear();
            for (; i < points.Count && points[i].Series == series; i++)
                _series.Add(new Point(points[i].At, points[i].Value));
            Add(batch, series);
        }

        PutChunk(batch);
    }

    private void Add(long batch, long series)
    {
        var points = CollectionsMarshal.AsSpan(_series);
        if (_chunk.TryAdd(series, points))
            return;
        PutChunk(batch);
        _chunk.TryAdd(series, points);
    }

    private void PutChunk(long batch)
    {
        _putChunk.Bind(1, ChunkKey.Of(batch, _chunk.First)).Bind(2, _chunk.Written).Run();
        _chunk.Clear();
    }

    /// <summary>Reads a batch and drops it.</summary>
    private List<FreshPoint> Take(long batch)
    {
        var points = new List<FreshPoint>();
        var (from, to) = (ChunkKey.Of(batch, 0), ChunkKey.Of(batch + 1, 0));
        _readChunks.Bind(1, from).Bind(2, to);
        while (_readChunks.Step())
            FreshChunk.Read(_readChunks.Bytes(1), ChunkKey.SeriesOf(_readChunks.Number(0)!.Value), 0, long.MaxValue, _scratch, points);
        _dropChunks.Bind(1, from).Bind(2, to).Run();
        return points;
    }

    private void Note(long hour, long batch, long points)
    {
        if (!_hours.TryGetValue(hour, out var batches))
            _hours.Add(hour, batches = new Stack<(long, long)>());
        batches.Push((batch, points));
        _lastBatch = Math.Max(_lastBatch, batch);
    }
}
