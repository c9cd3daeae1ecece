using CareHub.Core.Telemetry;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// Readings on their way to InfluxDB, in order of arrival. They are spooled in the transaction that keeps them, and
/// leave it in the transaction that remembers their confirmation.
/// </summary>
internal sealed class TelemetrySpool(TelemetryFile file, TimeProvider time)
{
    private long _lastSequence = file.LastSequenceAtOpen;

    /// <summary>Position of the newest spooled reading.</summary>
    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Called with <see cref="LastSequence"/> after a commit added readings. Must be quick and must not throw.</summary>
    public Action<long>? Grew { get; set; }

    /// <summary>Keeps and spools a batch in one transaction.</summary>
    public async Task AppendAsync(IReadOnlyList<Reading> batch, CancellationToken cancellationToken)
    {
        var queuedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var last = await file.WriteAsync(
            batch.Count,
            writer =>
            {
                writer.Append(batch, queuedUnixMs);
                return writer.LastSequence;
            },
            cancellationToken);

        // Callers of one group return in any order; the position only grows.
        long seen;
        while ((seen = Volatile.Read(ref _lastSequence)) < last && Interlocked.CompareExchange(ref _lastSequence, last, seen) != seen)
        {
        }

        Grew?.Invoke(LastSequence);
    }

    /// <summary>The oldest readings that are not confirmed, oldest first.</summary>
    public Task<IReadOnlyList<SpooledReading>> ReadAsync(int limit, CancellationToken cancellationToken) => file.ReadAsync<IReadOnlyList<SpooledReading>>(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT sequence, device, name, value, at, queued_ms FROM spool JOIN series ON series.id = spool.series ORDER BY sequence LIMIT $limit";
            command.Parameters.AddWithValue("$limit", limit);
            using var rows = command.ExecuteReader();
            var found = new List<SpooledReading>();
            while (rows.Read())
            {
                var reading = new Reading(rows.GetString(1), rows.GetString(2), rows.GetDouble(3), UnixTicks.ToTime(rows.GetInt64(4)));
                found.Add(new SpooledReading(rows.GetInt64(0), reading, DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(5))));
            }

            return found;
        },
        cancellationToken);

    /// <summary>Position of the newest confirmed (or shed) reading.</summary>
    public Task<long> ReadingsPositionAsync(CancellationToken cancellationToken) => PositionAsync(TelemetryStreams.Readings, cancellationToken);

    /// <summary>Position of the newest confirmed event.</summary>
    public Task<long> EventsPositionAsync(CancellationToken cancellationToken) => PositionAsync(TelemetryStreams.Events, cancellationToken);

    public Task AdvanceReadingsAsync(long position, CancellationToken cancellationToken) => file.WriteAsync(
        0,
        writer =>
        {
            writer.AdvanceReadings(position);
            return true;
        },
        cancellationToken);

    public Task AdvanceEventsAsync(long position, CancellationToken cancellationToken) => file.WriteAsync(
        0,
        writer =>
        {
            writer.AdvanceEvents(position);
            return true;
        },
        cancellationToken);

    private Task<long> PositionAsync(string stream, CancellationToken cancellationToken) => file.ReadAsync(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT position FROM cursor WHERE stream = $stream";
            command.Parameters.AddWithValue("$stream", stream);
            return command.ExecuteScalar() is long position ? position : 0;
        },
        cancellationToken);
}

/// <summary>A reading in the spool.</summary>
/// <param name="Sequence">Its position.</param>
/// <param name="Reading">What was measured.</param>
/// <param name="QueuedAt">Hub time when it was spooled: the reading's own time may be days old.</param>
internal readonly record struct SpooledReading(long Sequence, Reading Reading, DateTimeOffset QueuedAt);
