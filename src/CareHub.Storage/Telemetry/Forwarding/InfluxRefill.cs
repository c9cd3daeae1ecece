using System.Diagnostics;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Embedded.Packing;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// Writes to InfluxDB what this machine has on record: for one that came back empty, after it had confirmed. Each point is the
/// one that was sent before (the same series and time), so what InfluxDB has already stays as it is, also beside a running hub.
/// </summary>
internal sealed class InfluxRefill(InfluxBatchWriter influx, TelemetryLimits limits, TimeProvider time)
{
    /// <summary>Attempts for one batch; somebody sits before it and can start it again.</summary>
    private const int AttemptsMax = 8;

    private static readonly long SliceTicks = TimeSpan.FromDays(7).Ticks;

    private readonly LineBatch _lines = new();

    /// <summary>Points that InfluxDB has confirmed.</summary>
    public long Written { get; private set; }

    /// <summary>Points that it will not take, and the last reason.</summary>
    public (long Points, string? Reason) Rejected { get; private set; }

    /// <summary>Readings in [from, to), out of <c>telemetry.db</c>, with the places that devices have now.</summary>
    /// <exception cref="InfluxException">InfluxDB refuses, or has not answered after all attempts.</exception>
    public async Task ReadingsAsync(string directory, IDeviceTags tags, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, TelemetryFile.FileName), Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        await using var connection = new SqliteConnection(file.ToString());
        connection.Open();
        foreach (var (id, device, name) in SeriesOf(connection))
        {
            var series = new Series(1, device, name, tags.Of(device), SpoolLane.Vital);
            for (var begin = UnixTicks.From(from); begin < UnixTicks.From(to); begin += SliceTicks)
            {
                // One state of the file for a slice, and not for hours: its log could not be folded back meanwhile.
                foreach (var point in PointsOf(connection, id, begin, Math.Min(begin + SliceTicks, UnixTicks.From(to))))
                {
                    InfluxPoints.Add(_lines, new SpoolReading(series, point.At, point.Value, 0));
                    await SendAsync(limits.ForwardPointsMax, cancellationToken);
                }
            }
        }

        await SendAsync(1, cancellationToken);
    }

    /// <summary>All that triage took and decided.</summary>
    /// <exception cref="InfluxException">As for readings.</exception>
    public async Task EventsAsync(ITriageEventSource source, IDeviceTags tags, CancellationToken cancellationToken)
    {
        for (var cursor = 0L; await source.EventsAfterAsync(cursor, limits.ForwardPointsMax, cancellationToken) is { Count: > 0 } events; cursor = events[^1].Cursor)
        {
            foreach (var each in events)
                InfluxPoints.Add(_lines, each);
            await SendAsync(1, cancellationToken);
        }

        var points = new InfluxPoints(tags);
        for (var cursor = 0L; await source.TransitionsAfterAsync(cursor, limits.ForwardPointsMax, cancellationToken) is { Count: > 0 } changes; cursor = changes[^1].Cursor)
        {
            foreach (var each in changes)
                points.Add(_lines, each);
            await SendAsync(1, cancellationToken);
        }
    }

    /// <summary>Sends what has gathered, once it is so much.</summary>
    private async Task SendAsync(int least, CancellationToken cancellationToken)
    {
        if (_lines.Count + _lines.Refused.Count < least)
            return;
        var began = (Cpu: Environment.CpuUsage.TotalTime, Wall: Stopwatch.GetTimestamp());
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await influx.WriteAsync(_lines, cancellationToken);
            if (outcome.Failure is null)
            {
                Written += outcome.Written;
                Rejected = (Rejected.Points + outcome.Rejected, outcome.RejectReason ?? Rejected.Reason);
                break;
            }

            if (outcome.IsRefusal || attempt == AttemptsMax)
                throw new InfluxException(outcome.Failure);
            await Task.Delay(Backoff.PauseAfter(attempt, limits.BackoffMin, limits.BackoffMax, Random.Shared, outcome.RetryAfter), time, cancellationToken);
        }

        _lines.Clear();
        // The share that a backlog may take: the hub beside it has alarms to carry.
        var rest = ((Environment.CpuUsage.TotalTime - began.Cpu) / limits.ForwardShare) - Stopwatch.GetElapsedTime(began.Wall);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, cancellationToken);
    }

    private static List<(long Id, string Device, string Name)> SeriesOf(SqliteConnection connection)
    {
        var all = new List<(long, string, string)>();
        using var series = new SqlStatement(connection, "SELECT id, device, name FROM series ORDER BY id");
        while (series.Step())
            all.Add((series.Number(0)!.Value, series.Text(1), series.Text(2)));
        return all;
    }

    private static List<Point> PointsOf(SqliteConnection connection, long series, long from, long to)
    {
        using var state = connection.BeginTransaction(deferred: true);
        using var reader = new SeriesReader(connection);
        return reader.Points(series, from, to, int.MaxValue);
    }
}
