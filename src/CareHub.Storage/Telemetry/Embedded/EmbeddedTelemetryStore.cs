using System.Text.Json;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded.Packing;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>Readings in SQLite, for a hub that has no time-series server.</summary>
/// <param name="file">Where they are kept.</param>
/// <param name="spool">Where an append becomes durable; it is applied to the file from there. Without, it goes to the file itself.</param>
internal sealed class EmbeddedTelemetryStore(TelemetryFile file, ReadingSpool? spool = null) : ITelemetryStore
{
    /// <summary>How long an hour is left to late readings before it is packed; what comes later costs packing it again.</summary>
    private static readonly TimeSpan PackAfter = TimeSpan.FromMinutes(5);

    public async Task AppendAsync(IReadOnlyList<Reading> batch, CancellationToken cancellationToken)
    {
        ReadingGuard.ThrowIfNotKeepable(batch);
        if (batch.Count == 0)
            return;
        if (spool is null)
            await ApplyAsync(batch, null, cancellationToken);
        else
            await spool.KeepAsync(batch, device: null, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    /// <summary>Keeps a batch, and how far of the spool it is, in one transaction.</summary>
    public Task ApplyAsync(IReadOnlyList<Reading> batch, SpoolPosition? position, CancellationToken cancellationToken) => file.WriteAsync(
        batch.Count,
        writer =>
        {
            writer.Append(batch);
            if (position is { } applied)
                writer.Applied(applied);
            return true;
        },
        cancellationToken);

    /// <summary>How far of the spool is in the file, as it was opened.</summary>
    public SpoolPosition AppliedAtOpen => file.AppliedAtOpen;

    /// <summary>Devices that have ever sent one of these readings.</summary>
    public Task<IReadOnlySet<string>> DevicesWithAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) => file.ReadAsync<IReadOnlySet<string>>(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT DISTINCT device FROM series WHERE name IN (SELECT value FROM json_each($names))";
            command.Parameters.AddWithValue("$names", JsonSerializer.Serialize(names));
            using var rows = command.ExecuteReader();
            var devices = new HashSet<string>(StringComparer.Ordinal);
            while (rows.Read())
                devices.Add(rows.GetString(0));
            return devices;
        },
        cancellationToken);

    public Task<IReadOnlyList<Reading>> LatestAsync(string deviceId, CancellationToken cancellationToken) => file.ReadAsync<IReadOnlyList<Reading>>(
        connection =>
        {
            using var reader = new SeriesReader(connection);
            return [.. reader.Latest(deviceId).Select(series => ReadingOf(deviceId, series.Name, series.Newest))];
        },
        cancellationToken);

    public Task<IReadOnlyList<Reading>> SeriesAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return file.ReadAsync<IReadOnlyList<Reading>>(
            connection =>
            {
                using var reader = new SeriesReader(connection);
                return reader.Find(deviceId, name) is { } series
                    ? [.. reader.Points(series, UnixTicks.From(from), UnixTicks.From(to), limit).Select(point => ReadingOf(deviceId, name, point))]
                    : [];
            },
            cancellationToken);
    }

    public Task<IReadOnlyList<ReadingWindow>> WindowsAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, TimeSpan window, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TrendWindow.Min);
        if (to <= from)
            return Task.FromResult<IReadOnlyList<ReadingWindow>>([]);
        var (first, last) = (BlockKey.PeriodAt(UnixTicks.From(from), window.Ticks), BlockKey.PeriodAt(UnixTicks.From(to) - 1, window.Ticks));
        return file.ReadAsync<IReadOnlyList<ReadingWindow>>(
            connection =>
            {
                using var reader = new SeriesReader(connection);
                return reader.Find(deviceId, name) is { } series
                    ? [.. reader.Windows(series, first * window.Ticks, (last + 1) * window.Ticks, window.Ticks).Select(each => WindowOf(each, window.Ticks))]
                    : [];
            },
            cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>
    /// In bounded steps, each a write among others, so that appends go on meanwhile. Packed before it is forgotten, so that
    /// hours from before a long standstill are summed up too; and after it, because a full file has room only then.
    /// </remarks>
    public async Task<long> TidyAsync(DateTimeOffset now, TelemetryRetention keep, CancellationToken cancellationToken)
    {
        var forgotten = 0L;
        try
        {
            forgotten += await PackAsync(now - PackAfter, cancellationToken);
        }
        catch (SqliteException full) when (full.SqliteErrorCode == SQLitePCL.raw.SQLITE_FULL)
        {
            // Once more when there is room.
        }

        return forgotten + await ForgetAsync(now, keep, cancellationToken) + await PackAsync(now - PackAfter, cancellationToken);
    }

    private async Task<long> ForgetAsync(DateTimeOffset now, TelemetryRetention keep, CancellationToken cancellationToken)
    {
        var horizon = UnixTicks.From(now - keep.Readings);
        await file.WriteAsync(
            0,
            writer =>
            {
                writer.Packer.SetHorizon(horizon);
                return true;
            },
            cancellationToken);
        var forgotten = await StepAsync((packer, series) => packer.Forget(null, horizon, series), cancellationToken);
        foreach (var (level, kept) in new[] { (RollupLevel.Minute, keep.Minutes), (RollupLevel.Quarter, keep.Quarters), (RollupLevel.Hour, keep.Hours), (RollupLevel.Day, keep.Days) })
        {
            var before = UnixTicks.From(now - kept);
            await StepAsync((packer, series) => packer.Forget(level, before, series), cancellationToken);
        }

        return forgotten;
    }

    /// <summary>Packs the hours that ended before a time; returns how many readings came too late to be kept.</summary>
    internal async Task<long> PackAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var ticks = UnixTicks.From(before);
        var hour = BlockKey.PeriodAt(ticks, TimeSpan.TicksPerHour);
        var forgotten = 0L;
        for (var hasMore = true; hasMore;)
        {
            (var dropped, hasMore) = await file.WriteAsync(0, writer => writer.FreshPacker.Step(hour, writer.Packer.HorizonHour), cancellationToken);
            forgotten += dropped;
        }

        return forgotten + await StepAsync((packer, series) => packer.Pack(ticks, series), cancellationToken);
    }

    private async Task<long> StepAsync(Func<Packer, long, TidyStep> take, CancellationToken cancellationToken)
    {
        var forgotten = 0L;
        long? series = 0;
        while (series is { } from)
        {
            var step = await file.WriteAsync(0, writer => take(writer.Packer, from), cancellationToken);
            forgotten += step.Forgotten;
            series = step.NextSeries;
        }

        return forgotten;
    }

    private static Reading ReadingOf(string device, string name, Point point) => new(device, name, point.Value, UnixTicks.ToTime(point.At));

    private static ReadingWindow WindowOf(Rollup window, long ticks) =>
        new(UnixTicks.ToTime(window.Window * ticks), window.Count, window.Min, window.Max, window.Sum);
}
