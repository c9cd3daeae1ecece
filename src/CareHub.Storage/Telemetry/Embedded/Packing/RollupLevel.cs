namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>A resolution at which readings are summed up.</summary>
/// <param name="Table">Where its blocks are.</param>
/// <param name="WindowTicks">Length of its windows.</param>
/// <param name="WindowsPerBlock">Windows in one block; small enough to be written anew every hour.</param>
internal sealed record RollupLevel(string Table, long WindowTicks, int WindowsPerBlock)
{
    public static RollupLevel Minute { get; } = new("rollup_minute", TimeSpan.TicksPerMinute, 60);

    public static RollupLevel Quarter { get; } = new("rollup_quarter", 15 * TimeSpan.TicksPerMinute, 96);

    public static RollupLevel Hour { get; } = new("rollup_hour", TimeSpan.TicksPerHour, 96);

    public static RollupLevel Day { get; } = new("rollup_day", TimeSpan.TicksPerDay, 64);

    /// <summary>From the finest to the coarsest.</summary>
    public static IReadOnlyList<RollupLevel> All { get; } = [Minute, Quarter, Hour, Day];

    public long BlockTicks => WindowTicks * WindowsPerBlock;

    /// <summary>The coarsest level whose windows make up windows of that length; null when only the readings do.</summary>
    public static RollupLevel? For(long windowTicks) => All.LastOrDefault(level => windowTicks % level.WindowTicks == 0);
}
