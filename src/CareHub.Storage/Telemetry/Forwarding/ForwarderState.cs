namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>How forwarding to InfluxDB stands, for health, status and the people who ask.</summary>
/// <param name="ReadingsWaiting">Readings that are kept here and not yet confirmed by InfluxDB.</param>
/// <param name="LagSeconds">How long the oldest of them has waited.</param>
/// <param name="ReadingsForwarded">Confirmed since the hub started.</param>
/// <param name="EventsForwarded">Signals confirmed since the hub started.</param>
/// <param name="PointsRejected">Refused for good since the hub started: by InfluxDB, or because line protocol has no form for them.</param>
/// <param name="ReadingsShed">Not sent since the hub started because the spool was at its quota.</param>
/// <param name="Failing">Whether the last attempt of any stream failed.</param>
/// <param name="LastError">The newest error, also when it has passed.</param>
/// <param name="LastErrorAt">When that was.</param>
internal sealed record ForwarderState(
    long ReadingsWaiting,
    double LagSeconds,
    long ReadingsForwarded,
    long EventsForwarded,
    long PointsRejected,
    long ReadingsShed,
    bool Failing,
    string? LastError,
    DateTimeOffset? LastErrorAt)
{
    /// <summary>Changes of alarms confirmed since the hub started.</summary>
    public long AlarmsForwarded { get; init; }

    /// <summary>The failure is one that waiting does not mend: credentials, rights, a missing database or bucket.</summary>
    public bool Refused { get; init; }

    /// <summary>When a point was last refused for good, and why; null while none has been.</summary>
    public DateTimeOffset? LastRejectedAt { get; init; }

    /// <inheritdoc cref="LastRejectedAt"/>
    public string? LastRejectReason { get; init; }

    /// <summary>Attempts that failed since the hub started.</summary>
    public ForwardingFailures Failures { get; init; }

    /// <summary>The server's version; null where it does not show itself as InfluxDB, whose answers can be believed.</summary>
    public string? ServerVersion { get; init; }
}

/// <summary>Attempts that failed, by what they failed for.</summary>
/// <param name="Unavailable">No connection, no answer in time, overload: what waiting mends.</param>
/// <param name="Refused">What a person has to mend: credentials, rights, a missing database.</param>
/// <param name="Own">This side: the spool or the source of events could not be read, a position not be written.</param>
internal readonly record struct ForwardingFailures(long Unavailable, long Refused, long Own)
{
    public static ForwardingFailures operator +(ForwardingFailures one, ForwardingFailures other) =>
        new(one.Unavailable + other.Unavailable, one.Refused + other.Refused, one.Own + other.Own);
}
