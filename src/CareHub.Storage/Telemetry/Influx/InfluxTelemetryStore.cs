using System.Text.Json;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>Readings in InfluxDB. Appends go straight to the server; for a durable way there see the forwarder.</summary>
internal sealed class InfluxTelemetryStore(InfluxClient client, InfluxBatchWriter writer) : ITelemetryStore
{
    /// <inheritdoc />
    /// <exception cref="InfluxException">InfluxDB did not take all of the batch.</exception>
    public async Task AppendAsync(IReadOnlyList<Reading> batch, CancellationToken cancellationToken)
    {
        ReadingGuard.ThrowIfNotKeepable(batch);
        var lines = new LineBatch();
        foreach (var reading in batch)
            InfluxPoints.Add(lines, reading);
        var outcome = await writer.WriteAsync(lines, cancellationToken);
        if ((outcome.Failure ?? outcome.RejectReason) is { } reason)
            throw new InfluxException(reason);
    }

    public async Task<IReadOnlyList<Reading>> LatestAsync(string deviceId, CancellationToken cancellationToken)
    {
        var query = $"SELECT last(\"value\") FROM \"{InfluxPoints.Readings}\" WHERE \"device\" = {InfluxQl.Text(deviceId)} GROUP BY \"name\"";
        var latest = new List<Reading>();
        foreach (var series in await RowsAsync(query, cancellationToken))
            latest.Add(ToReading(deviceId, series.Tags["name"], series.Values[0]));
        latest.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return latest;
    }

    public async Task<IReadOnlyList<Reading>> SeriesAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        // LIMIT 0 means no limit to InfluxQL.
        if (limit == 0)
            return [];
        var query = $"""
            SELECT "value" FROM "{InfluxPoints.Readings}" WHERE "device" = {InfluxQl.Text(deviceId)} AND "name" = {InfluxQl.Text(name)}
            AND time >= {InfluxPoints.ClampedUnixNs(from)} AND time < {InfluxPoints.ClampedUnixNs(to)} ORDER BY time DESC LIMIT {limit}
            """;
        var readings = new List<Reading>();
        foreach (var series in await RowsAsync(query, cancellationToken))
        {
            foreach (var row in series.Values)
                readings.Add(ToReading(deviceId, name, row));
        }

        readings.Reverse();
        return readings;
    }

    /// <inheritdoc />
    /// <remarks>InfluxDB counts windows from 1970 as well, and <c>fill(none)</c> leaves out those without readings.</remarks>
    public async Task<IReadOnlyList<ReadingWindow>> WindowsAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, TimeSpan window, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TrendWindow.Min);
        if (to <= from)
            return [];
        var query = $"""
            SELECT count("value"), min("value"), max("value"), sum("value") FROM "{InfluxPoints.Readings}"
            WHERE "device" = {InfluxQl.Text(deviceId)} AND "name" = {InfluxQl.Text(name)}
            AND time >= {InfluxPoints.ClampedUnixNs(Whole(from, window, up: false))} AND time < {InfluxPoints.ClampedUnixNs(Whole(to, window, up: true))}
            GROUP BY time({window.Ticks / TimeSpan.TicksPerMillisecond}ms) fill(none)
            """;
        return [.. (await RowsAsync(query, cancellationToken)).SelectMany(series => series.Values).Select(WindowOf).OfType<ReadingWindow>()];
    }

    /// <summary>A window of an answer: its time, then count, min, max and sum; null when InfluxDB has no word on one of them.</summary>
    /// <remarks>
    /// It works each of them out by itself, not from one state of its data. A window's first reading that is written meanwhile is in some of
    /// them only: such a window is not there yet.
    /// </remarks>
    internal static ReadingWindow? WindowOf(JsonElement row) => row.EnumerateArray().Any(each => each.ValueKind == JsonValueKind.Null)
        ? null
        : new ReadingWindow(InfluxPoints.ToTime(row[0].GetInt64()), row[1].GetInt64(), row[2].GetDouble(), row[3].GetDouble(), row[4].GetDouble());

    /// <inheritdoc />
    /// <remarks>InfluxDB forgets by its retention policy.</remarks>
    public Task<long> TidyAsync(DateTimeOffset now, TelemetryRetention keep, CancellationToken cancellationToken) => Task.FromResult(0L);

    /// <summary>The beginning of the window that holds a time, or the end of the last window before it.</summary>
    private static DateTimeOffset Whole(DateTimeOffset at, TimeSpan window, bool up)
    {
        var ticks = UnixTicks.From(at) + (up ? window.Ticks - 1 : 0);
        var over = ticks % window.Ticks;
        var whole = ticks - (over < 0 ? over + window.Ticks : over);
        return UnixTicks.ToTime(Math.Clamp(whole, UnixTicks.From(DateTimeOffset.MinValue), UnixTicks.From(DateTimeOffset.MaxValue)));
    }

    private async Task<IReadOnlyList<QuerySeries>> RowsAsync(string query, CancellationToken cancellationToken) =>
        await client.QueryAsync(query, cancellationToken) switch
        {
            QueryAnswer.Rows rows => rows.Series,
            // The first write creates it; until then there is nothing to read.
            QueryAnswer.DatabaseMissing => [],
            QueryAnswer.Failed failed => throw new InfluxException(failed.Reason),
            var other => throw new InvalidOperationException($"Unknown answer {other}."),
        };

    private static Reading ToReading(string deviceId, string name, JsonElement row) =>
        new(deviceId, name, row[1].GetDouble(), InfluxPoints.ToTime(row[0].GetInt64()));
}

/// <summary>InfluxDB could not do what it was asked; the message says why in its words.</summary>
internal sealed class InfluxException(string message) : IOException(message);
