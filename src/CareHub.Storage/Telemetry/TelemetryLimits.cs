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
    public int PackPointsPerStep { get; init; } = 25_000;

    /// <summary>
    /// Largest batch of readings that are not packed yet. An hour at 5,000 readings a second has some 80 of them; a query of a
    /// series looks into each.
    /// </summary>
    public int FreshBatchPointsMax { get; init; } = 250_000;

    /// <summary>Series that one step of packing or forgetting visits before it lets appends pass.</summary>
    public int TidySeriesPerStep { get; init; } = 500;

    /// <summary>
    /// Quota of the spool. At the bound the oldest low-value readings are deleted, then the oldest of the others; counted, an
    /// alarm of the hub. A gigabyte is some 60 million readings.
    /// </summary>
    public long SpoolBytesMax { get; init; } = 4L << 30;

    /// <summary>Size from which on a file of the spool is followed by the next; an eighth of the quota if that is less.</summary>
    public long SpoolSegmentBytesMax { get; init; } = 16L << 20;

    /// <summary>Readings that may wait for the spool's next commit; past it those without a promise are shed, the others' senders wait.</summary>
    public int SpoolQueuedReadingsMax { get; init; } = 200_000;

    /// <summary>A commit of so many readings is a sign of load: the next one gathers for <see cref="SpoolLinger"/>.</summary>
    public int SpoolLingerReadings { get; init; } = 32;

    /// <summary>What an acknowledgement may wait longer, under load, so that the disk is asked less often.</summary>
    public TimeSpan SpoolLinger { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Pause after a commit that failed.</summary>
    public TimeSpan SpoolRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Different names that a device may send; a message with more is quarantined. Each is a series in every store.</summary>
    public int NamesPerDeviceMax { get; init; } = 64;

    /// <summary>
    /// Readings that go from the spool into the embedded store in one transaction. The more there are, the fewer pages are
    /// written for each.
    /// </summary>
    public int ApplyReadingsMax { get; init; } = 250_000;

    /// <summary>How long readings may wait for such a transaction to fill up; a query has them applied at once.</summary>
    public TimeSpan ApplyInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a query waits at most for what was acknowledged before it, milliseconds as a rule; past it, or when more than
    /// a transaction's readings wait, the store answers with what it has.
    /// </summary>
    public TimeSpan CatchUpMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Points in one request to InfluxDB.</summary>
    public int ForwardPointsMax { get; init; } = 5_000;

    /// <summary>How long readings may wait for a request to fill up.</summary>
    public TimeSpan ForwardInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Share of one processor that forwarding may take while it works off a backlog; the rest of the time it sleeps, and
    /// alarms find the processor free.
    /// </summary>
    public double ForwardShare { get; init; } = 0.25;

    /// <summary>First pause after a failed request; it doubles from there.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Patience with a write to InfluxDB.</summary>
    public TimeSpan InfluxWriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Patience with a query: somebody looks at a screen, and the embedded file can answer instead.</summary>
    public TimeSpan InfluxQueryTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long InfluxDB is not asked again after a query that failed; the embedded file answers alone.</summary>
    public TimeSpan InfluxQueryPause { get; init; } = TimeSpan.FromSeconds(10);
}
