using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>
/// Puts what came late, as rows, into the blocks and roll-ups of its hours, and forgets what is past its time. Works on the
/// writer's connection, within its transaction, in bounded steps.
/// </summary>
/// <remarks>
/// An append touches no roll-up. A late reading, or another value for a time that is packed already, is a row beside the
/// block: readers take the rows' word over the block's and leave the roll-ups of such an hour aside, until the hour is
/// packed anew and its roll-ups are made again from all of it. So they are right at any time and cost nothing per reading.
/// </remarks>
internal sealed class Packer : IDisposable
{
    private readonly TelemetryLimits _limits;
    private readonly HourPacker _hours;
    private readonly List<Point> _rows = [];
    private readonly SqlStatement _listSeries, _readRows, _dropRows, _forgetBlocks, _readHorizon, _putHorizon;
    private readonly Dictionary<RollupLevel, SqlStatement> _forgetRollups = [];

    public Packer(SqliteConnection connection, HourPacker hours, TelemetryLimits limits)
    {
        _hours = hours;
        _limits = limits;
        _listSeries = new SqlStatement(connection, "SELECT id FROM series WHERE id >= ? ORDER BY id LIMIT ?");
        _readRows = new SqlStatement(connection, "SELECT at, value FROM point WHERE series = ? AND at < ? ORDER BY at LIMIT ?");
        _dropRows = new SqlStatement(connection, "DELETE FROM point WHERE series = ? AND at <= ?");
        _forgetBlocks = new SqlStatement(connection, "DELETE FROM block WHERE id >= ? AND id < ? RETURNING points");
        _readHorizon = new SqlStatement(connection, "SELECT hour FROM horizon");
        _putHorizon = new SqlStatement(connection, "INSERT OR REPLACE INTO horizon (one, hour) VALUES (1, max(?, ifnull((SELECT hour FROM horizon), ?)))");
        foreach (var level in RollupLevel.All)
            _forgetRollups.Add(level, new SqlStatement(connection, $"DELETE FROM {level.Table} WHERE id >= ? AND id < ?"));
    }

    /// <summary>Readings of hours before this one are gone.</summary>
    public long HorizonHour => _readHorizon.RunForNumber() ?? long.MinValue;

    /// <summary>From here on readings from before are gone, and what still comes of them is not kept. It never goes back.</summary>
    public void SetHorizon(long beforeTicks)
    {
        var hour = BlockKey.PeriodAt(beforeTicks, TimeSpan.TicksPerHour);
        _putHorizon.Bind(1, hour).Bind(2, hour).Run();
    }

    /// <summary>Packs the rows of the hours that end by <paramref name="beforeTicks"/>; those from before the horizon are dropped.</summary>
    public TidyStep Pack(long beforeTicks, long fromSeries)
    {
        var before = BlockKey.PeriodAt(beforeTicks, TimeSpan.TicksPerHour) * TimeSpan.TicksPerHour;
        var horizon = HorizonHour;
        var (visited, forgotten) = (0, 0L);
        var all = SeriesFrom(fromSeries);
        foreach (var series in all)
        {
            var room = _limits.PackPointsPerStep - visited;
            if (room <= 0)
                return new TidyStep(forgotten, series);
            ReadRows(series, before, room);
            if (_rows.Count == 0)
                continue;

            // First the room, then what needs it: a full file has to be able to shrink.
            visited += _rows.Count;
            _dropRows.Bind(1, series).Bind(2, _rows[^1].At).Run();
            forgotten += PackRows(series, horizon);
            if (_rows.Count == room)
                return new TidyStep(forgotten, series);
        }

        return new TidyStep(forgotten, NextAfter(all));
    }

    /// <summary>Forgets the blocks of readings, or of one level, that end by <paramref name="beforeTicks"/>.</summary>
    public TidyStep Forget(RollupLevel? level, long beforeTicks, long fromSeries)
    {
        var period = BlockKey.PeriodAt(beforeTicks, level?.BlockTicks ?? TimeSpan.TicksPerHour);
        var forgotten = 0L;
        var all = SeriesFrom(fromSeries);
        foreach (var series in all)
        {
            var statement = (level is null ? _forgetBlocks : _forgetRollups[level]).Bind(1, BlockKey.FirstOf(series)).Bind(2, BlockKey.Of(series, period));
            while (statement.Step())
                forgotten += level is null ? statement.Number(0)!.Value : 0;
        }

        return new TidyStep(forgotten, NextAfter(all));
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _listSeries, _readRows, _dropRows, _forgetBlocks, _readHorizon, _putHorizon }.Concat(_forgetRollups.Values))
            statement.Dispose();
    }

    private long PackRows(long series, long horizon)
    {
        var forgotten = 0L;
        for (var i = 0; i < _rows.Count;)
        {
            var hour = BlockKey.PeriodAt(_rows[i].At, TimeSpan.TicksPerHour);
            var end = (hour + 1) * TimeSpan.TicksPerHour;
            var from = i;
            while (i < _rows.Count && _rows[i].At < end)
                i++;
            if (hour < horizon)
                forgotten += i - from;
            else
                _hours.Pack(series, hour, _rows.GetRange(from, i - from));
        }

        return forgotten;
    }

    private void ReadRows(long series, long before, int limit)
    {
        _rows.Clear();
        _readRows.Bind(1, series).Bind(2, before).Bind(3, limit);
        while (_readRows.Step())
            _rows.Add(new Point(_readRows.Number(0)!.Value, _readRows.Real(1)));
    }

    private List<long> SeriesFrom(long fromSeries)
    {
        var series = new List<long>(_limits.TidySeriesPerStep);
        _listSeries.Bind(1, fromSeries).Bind(2, _limits.TidySeriesPerStep);
        while (_listSeries.Step())
            series.Add(_listSeries.Number(0)!.Value);
        return series;
    }

    private long? NextAfter(List<long> series) => series.Count == _limits.TidySeriesPerStep ? series[^1] + 1 : null;
}

/// <summary>What one step did: readings that are gone, and the series to go on from, or null at the end.</summary>
internal readonly record struct TidyStep(long Forgotten, long? NextSeries);
