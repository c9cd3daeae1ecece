namespace CareHub.Storage.Telemetry;

/// <summary>Every bound of the telemetry stores, in one place.</summary>
internal sealed record TelemetryLimits
{
    public static TelemetryLimits Default { get; } = new();

    /// <summary>Appends that may wait for the writer; past it callers wait for room, which slows their sender down.</summary>
    public int QueuedWritesMax { get; init; } = 1_024;

    /// <summary>Readings in one transaction. Larger groups gain nothing and make the callers in them wait longer.</summary>
    public int GroupReadingsMax { get; init; } = 10_000;

    /// <summary>Largest size of the database file. At the bound appends fail, so nothing is acknowledged that is not kept.</summary>
    public long FileBytesMax { get; init; } = 16L << 30;

    /// <summary>Series whose ids are remembered; past it the memory is dropped and filled anew.</summary>
    public int CachedSeriesMax { get; init; } = 200_000;

    /// <summary>Readings that one step of packing takes before it lets appends pass.</summary>
    public int PackPointsPerStep { get; init; } = 10_000;

    /// <summary>Series that one step of packing or forgetting visits before it lets appends pass.</summary>
    public int TidySeriesPerStep { get; init; } = 500;

    /// <summary>Readings that may wait for InfluxDB; past it the oldest are shed and counted (they stay in the embedded file).</summary>
    public long SpooledReadingsMax { get; init; } = 50_000_000;

    /// <summary>Points in one request to InfluxDB.</summary>
    public int ForwardPointsMax { get; init; } = 5_000;

    /// <summary>How long readings may wait for a request to fill up.</summary>
    public TimeSpan ForwardInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First pause after a failed request; it doubles from there.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Patience with a write to InfluxDB.</summary>
    public TimeSpan InfluxWriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Patience with a query: somebody looks at a screen, and the embedded file can answer instead.</summary>
    public TimeSpan InfluxQueryTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
