namespace CareHub.Storage.Telemetry.Spool;

/// <summary>What is kept under a quota: the readings that matter in an emergency, and those that can be spared first.</summary>
internal enum SpoolLane
{
    Vital = 0,
    Low = 1,
}

/// <summary>How far something has come in both lanes: the sequence number of the last reading, 0 before the first.</summary>
internal readonly record struct SpoolPosition(long Vital, long Low)
{
    public long Of(SpoolLane lane) => lane == SpoolLane.Vital ? Vital : Low;

    /// <summary>Readings up to here that a position behind it does not cover.</summary>
    public long Ahead(in SpoolPosition behind) => Math.Max(0, Vital - behind.Vital) + Math.Max(0, Low - behind.Low);

    public bool Covers(in SpoolPosition other) => Vital >= other.Vital && Low >= other.Low;
}
