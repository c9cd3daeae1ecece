using CareHub.Storage.Telemetry.Embedded.Packing;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>A reading of an hour that has not been packed yet.</summary>
/// <param name="Series">Its row in <c>series</c>.</param>
/// <param name="At">Ticks since 1970, see <see cref="UnixTicks"/>.</param>
/// <param name="Value">Finite.</param>
internal readonly record struct FreshPoint(long Series, long At, double Value)
{
    public long Hour => BlockKey.PeriodAt(At, TimeSpan.TicksPerHour);

    /// <summary>Series by series, each in order of time: how they lie in a batch.</summary>
    public bool IsBefore(in FreshPoint other) => Series < other.Series || (Series == other.Series && At < other.At);
}

/// <summary>The key of a chunk: its batch, then the first series in it, in one number, so that it is the row id and a batch is one range.</summary>
internal static class ChunkKey
{
    private const int SeriesBits = 32;

    public static long Of(long batch, long series) => (batch << SeriesBits) | series;

    public static long SeriesOf(long key) => key & ((1L << SeriesBits) - 1);
}
