namespace CareHub.Core.Telemetry;

/// <summary>One numeric measurement. Names are lower snake case; units are part of the registry, not of the reading.</summary>
/// <param name="DeviceId">Who measured.</param>
/// <param name="Name">What was measured: <c>heart_rate</c>, <c>temperature</c>, <c>battery</c> …</param>
/// <param name="Value">Finite; NaN and infinities are refused at decode.</param>
/// <param name="At">When: the device's clock where it gave one within tolerance, else the time of receipt.</param>
public readonly record struct Reading(string DeviceId, string Name, double Value, DateTimeOffset At);

/// <summary>
/// Where readings are kept and read back. The embedded store (SQLite) and InfluxDB fulfil it, and the same compliance
/// suite runs against both.
/// </summary>
public interface ITelemetryStore
{
    /// <summary>
    /// Keeps a batch; when the task completes the batch is as durable as the store can make it. The same series and
    /// time written twice is one point, so a retry cannot duplicate.
    /// </summary>
    Task AppendAsync(IReadOnlyList<Reading> batch, CancellationToken cancellationToken);

    /// <summary>The newest reading of every name the device has sent, in order of name.</summary>
    Task<IReadOnlyList<Reading>> LatestAsync(string deviceId, CancellationToken cancellationToken);

    /// <summary>Readings of one series in [from, to), oldest first, at most <paramref name="limit"/> of the newest.</summary>
    Task<IReadOnlyList<Reading>> SeriesAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The readings of one series by windows that touch [from, to), oldest first: whole windows, counted from 1970, none
    /// for a gap. A window of minutes, hours or days is answered from roll-ups where the store has them, with the same
    /// result.
    /// </summary>
    Task<IReadOnlyList<ReadingWindow>> WindowsAsync(string deviceId, string name, DateTimeOffset from, DateTimeOffset to, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>
    /// Packs what has gathered and forgets, by whole hours, what is past its time; returns how many readings were
    /// forgotten. A server with its own retention does nothing.
    /// </summary>
    Task<long> TidyAsync(DateTimeOffset now, TelemetryRetention keep, CancellationToken cancellationToken);
}
