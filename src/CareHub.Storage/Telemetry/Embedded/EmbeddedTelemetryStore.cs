using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>Readings in SQLite, for a hub that has no time-series server.</summary>
/// <param name="file">Where they are kept.</param>
/// <param name="spool">Where an append becomes durable; it is applied to the file from there. Without, it goes to the file itself.</param>
internal sealed class EmbeddedTelemetryStore(TelemetryFile file, ReadingSpool? spool = null) : ITelemetryStore
{
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

    public Task<IReadOnlyList<Reading>> LatestAsync(string deviceId, CancellationToken cancellationToken) => file.ReadAsync<IReadOnlyList<Reading>>(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = """
                SELECT name, value, at FROM series
                JOIN point ON point.series = series.id AND at = (SELECT max(at) FROM point WHERE point.series = series.id)
                WHERE device = $device ORDER BY name
                """;
            command.Parameters.AddWithValue("$device", deviceId);
            using var rows = command.ExecuteReader();
            var latest = new List<Reading>();
            while (rows.Read())
                latest.Add(new Reading(deviceId, rows.GetString(0), rows.GetDouble(1), UnixTicks.ToTime(rows.GetInt64(2))));
            return latest;
        },
        cancellationToken);

    public Task<IReadOnlyList<Reading>> SeriesAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return file.ReadAsync<IReadOnlyList<Reading>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = """
                    SELECT value, at FROM point
                    WHERE series = (SELECT id FROM series WHERE device = $device AND name = $name) AND at >= $from AND at < $to
                    ORDER BY at DESC LIMIT $limit
                    """;
                command.Parameters.AddWithValue("$device", deviceId);
                command.Parameters.AddWithValue("$name", name);
                command.Parameters.AddWithValue("$from", UnixTicks.From(from));
                command.Parameters.AddWithValue("$to", UnixTicks.From(to));
                command.Parameters.AddWithValue("$limit", limit);
                using var rows = command.ExecuteReader();
                var series = new List<Reading>();
                while (rows.Read())
                    series.Add(new Reading(deviceId, name, rows.GetDouble(0), UnixTicks.ToTime(rows.GetInt64(1))));
                series.Reverse();
                return series;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>In bounded steps, each a write among others, so that appends go on meanwhile.</remarks>
    public async Task<long> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var beforeTicks = UnixTicks.From(before);
        var deleted = 0L;
        long? series = 0;
        while (series is { } from)
        {
            var step = await file.WriteAsync(0, writer => writer.Trim(beforeTicks, from), cancellationToken);
            deleted += step.Deleted;
            series = step.NextSeries;
        }

        return deleted;
    }
}
