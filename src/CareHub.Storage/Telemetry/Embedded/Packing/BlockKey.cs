namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>
/// The key of a block: series, then period, in one number, so that it is the row id (a row of an index without row ids
/// would spill a block of a kilobyte into a page of its own) and a series' past is one range.
/// </summary>
internal static class BlockKey
{
    private const int PeriodBits = 28;
    private const long PeriodZero = 1L << (PeriodBits - 1);

    /// <summary>Periods are counted from 1970 in whatever length the table has; times that .NET can express fit.</summary>
    public static long Of(long series, long period) => (series << PeriodBits) | (period + PeriodZero);

    public static long FirstOf(long series) => series << PeriodBits;

    public static long PeriodOf(long key) => (key & ((1L << PeriodBits) - 1)) - PeriodZero;

    /// <summary>The whole period that holds a time; before 1970 too.</summary>
    public static long PeriodAt(long ticks, long periodTicks) => (ticks / periodTicks) - (ticks % periodTicks < 0 ? 1 : 0);
}
