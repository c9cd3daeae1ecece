namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// Time as it is stored: 100-nanosecond ticks since 1970 in UTC. Nothing coarser would do, because two readings of a
/// series within one millisecond are two points.
/// </summary>
internal static class UnixTicks
{
    public static long From(DateTimeOffset at) => at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    public static DateTimeOffset ToTime(long ticks) => new(ticks + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
}
