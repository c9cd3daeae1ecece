using CareHub.Simulator.Report;
using FsCheck;
using FsCheck.Fluent;

namespace CareHub.Simulator.Tests.Report;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_right_to_2_percent_whatever_the_latencies() =>
        Check.QuickThrowOnFailure(Prop.ForAll(
            (from power in Gen.Choose(0, 33)
             from micros in Gen.Choose(1, 1_000)
             select (long)(micros * Math.Pow(2, power))).NonEmptyListOf().ToArbitrary(),
            latencies =>
            {
                var histogram = new LatencyHistogram();
                foreach (var micros in latencies)
                    histogram.Record(TimeSpan.FromMicroseconds(micros));
                var sorted = latencies.Order().ToList();
                foreach (var share in new[] { 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1 })
                {
                    var exact = (double)sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
                    var found = histogram.Quantile(share).TotalMicroseconds;
                    if (found < exact || found > (exact * 1.016) + 1)
                        return false;
                }

                return histogram.Count == sorted.Count && histogram.Max == TimeSpan.FromMicroseconds(sorted[^1]);
            }));

    [Fact]
    public void Nothing_recorded_is_zero() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.99));

    [Fact]
    public void A_clock_that_went_backwards_does_no_harm()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromSeconds(-1));
        histogram.Record(TimeSpan.MaxValue);
        Assert.Equal((2, TimeSpan.MaxValue), (histogram.Count, histogram.Max));
    }
}
