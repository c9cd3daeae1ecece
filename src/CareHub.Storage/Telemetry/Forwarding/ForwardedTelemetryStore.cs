using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Influx;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// The store of a hub with InfluxDB: readings are durable in the embedded file and forwarded from there. InfluxDB holds
/// the long past and the file the last days, to the newest reading; a query is answered by both, and by the file alone
/// while InfluxDB cannot.
/// </summary>
internal sealed class ForwardedTelemetryStore(EmbeddedTelemetryStore embedded, InfluxTelemetryStore influx, TelemetryLimits limits, TimeProvider time, ILogger logger) : ITelemetryStore
{
    private long _failedAt;

    public Task AppendAsync(IReadOnlyList<Reading> batch, CancellationToken cancellationToken) => embedded.AppendAsync(batch, cancellationToken);

    public async Task<IReadOnlyList<Reading>> LatestAsync(string deviceId, CancellationToken cancellationToken)
    {
        var far = AskInfluxAsync(() => influx.LatestAsync(deviceId, cancellationToken));
        var near = await embedded.LatestAsync(deviceId, cancellationToken);
        var latest = new SortedDictionary<string, Reading>(StringComparer.Ordinal);
        foreach (var reading in (await far).Concat(near))
        {
            if (!latest.TryGetValue(reading.Name, out var other) || reading.At >= other.At)
                latest[reading.Name] = reading;
        }

        return [.. latest.Values];
    }

    public async Task<IReadOnlyList<Reading>> SeriesAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        var far = AskInfluxAsync(() => influx.SeriesAsync(deviceId, name, from, to, limit, cancellationToken));
        var near = await embedded.SeriesAsync(deviceId, name, from, to, limit, cancellationToken);
        return Newest(Merge(await far, near), limit);
    }

    /// <inheritdoc />
    /// <remarks>
    /// Each window comes whole from the side that has seen more of it: InfluxDB lacks what is still on its way, the file
    /// what it has forgotten.
    /// </remarks>
    public async Task<IReadOnlyList<ReadingWindow>> WindowsAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, TimeSpan window, CancellationToken cancellationToken)
    {
        var far = AskInfluxAsync(() => influx.WindowsAsync(deviceId, name, from, to, window, cancellationToken));
        var near = await embedded.WindowsAsync(deviceId, name, from, to, window, cancellationToken);
        var windows = new SortedDictionary<DateTimeOffset, ReadingWindow>();
        foreach (var each in (await far).Concat(near))
        {
            if (!windows.TryGetValue(each.From, out var other) || each.Count >= other.Count)
                windows[each.From] = each;
        }

        return [.. windows.Values];
    }

    /// <inheritdoc />
    /// <remarks>Only the embedded file forgets here, and what waits for InfluxDB is not touched.</remarks>
    public Task<long> TidyAsync(DateTimeOffset now, TelemetryRetention keep, CancellationToken cancellationToken) => embedded.TidyAsync(now, keep, cancellationToken);

    private async Task<IReadOnlyList<T>> AskInfluxAsync<T>(Func<Task<IReadOnlyList<T>>> ask)
    {
        // A person's page has many charts, and waits for an InfluxDB that hangs once and not at each.
        if (Volatile.Read(ref _failedAt) is not 0 and var failedAt && time.GetElapsedTime(failedAt) < limits.InfluxQueryPause)
            return [];
        try
        {
            return await ask();
        }
        catch (InfluxException error)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            TelemetryLog.QueryFellBack(logger, error.Message);
            return [];
        }
    }

    /// <summary>Two ordered series as one; where both have a time, the embedded file has the newer word.</summary>
    private static List<Reading> Merge(IReadOnlyList<Reading> far, IReadOnlyList<Reading> near)
    {
        var merged = new List<Reading>(far.Count + near.Count);
        var (f, n) = (0, 0);
        while (f < far.Count || n < near.Count)
        {
            var order = f == far.Count ? 1 : n == near.Count ? -1 : far[f].At.CompareTo(near[n].At);
            merged.Add(order < 0 ? far[f] : near[n]);
            if (order <= 0)
                f++;
            if (order >= 0)
                n++;
        }

        return merged;
    }

    private static List<Reading> Newest(List<Reading> readings, int limit) =>
        readings.Count <= limit ? readings : readings.GetRange(readings.Count - limit, limit);
}
