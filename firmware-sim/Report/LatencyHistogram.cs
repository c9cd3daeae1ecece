using System.Numerics;

namespace CareHub.Simulator.Report;

/// <summary>
/// Latencies in buckets whose width grows with the value (after HdrHistogram): every figure is right to 1.6 %, from a
/// microsecond to hours, in 12 KB and without keeping samples.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 6;
    private const int SubBuckets = 1 << SubBucketBits;

    private readonly long[] _counts = new long[(64 - SubBucketBits) * SubBuckets];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Record(TimeSpan latency)
    {
        if (latency < TimeSpan.Zero)
            latency = TimeSpan.Zero;
        _counts[Index((ulong)(latency.Ticks / TimeSpan.TicksPerMicrosecond))]++;
        Count++;
        if (latency > Max)
            Max = latency;
    }

    /// <summary>The latency that this share of all did not exceed; zero when there is none.</summary>
    public TimeSpan Quantile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        var seen = 0L;
        for (var i = 0; i < _counts.Length && rank > 0; i++)
        {
            seen += _counts[i];
            if (seen < rank)
                continue;
            var upper = TimeSpan.FromMicroseconds(UpperEdge(i));
            return upper < Max ? upper : Max;
        }

        return TimeSpan.Zero;
    }

    /// <summary>Values below the first power are counted one by one, then each power of two is cut into equal parts.</summary>
    private static int Index(ulong micros)
    {
        if (micros < SubBuckets)
            return (int)micros;
        var power = BitOperations.Log2(micros) - SubBucketBits;
        return ((power + 1) * SubBuckets) + (int)(micros >> power) - SubBuckets;
    }

    private static long UpperEdge(int index)
    {
        if (index < SubBuckets)
            return index;
        var power = (index / SubBuckets) - 1;
        return (((long)(index % SubBuckets) + SubBuckets + 1) << power) - 1;
    }
}
