using System.Diagnostics.Metrics;

using CareHub.Core.Alarms;
using CareHub.Server.Metrics;
using CareHub.Server.Metrics.Scrape;

namespace CareHub.Server.Tests.Metrics;

public sealed class ScrapeTests
{
    [Fact]
    public void Buckets_are_cumulative_and_a_value_on_a_bound_belongs_to_it()
    {
        using var meter = new HubMeter();
        using var collector = new MetricsCollector(meter, null);
        foreach (var ms in new[] { 0.1, 0.5, 0.7, 20_000 })
        {
            meter.Committed(TimeSpan.FromMilliseconds(ms));
        }

        var text = ScrapedText.Parse(collector.Scrape());
        Assert.Equal(2, text["carehub_commit_duration_seconds_bucket{le=\"0.0005\"}"]);
        Assert.Equal(3, text["carehub_commit_duration_seconds_bucket{le=\"0.001\"}"]);
        Assert.Equal(3, text["carehub_commit_duration_seconds_bucket{le=\"10\"}"]);
        Assert.Equal(4, text["carehub_commit_duration_seconds_bucket{le=\"+Inf\"}"]);
        Assert.Equal(4, text["carehub_commit_duration_seconds_count"]);
        Assert.Equal(20.0013, text["carehub_commit_duration_seconds_sum"], 6);
    }

    [Fact]
    public void More_sets_of_labels_than_allowed_are_added_up()
    {
        using var meter = new HubMeter();
        using var collector = new MetricsCollector(meter, null);
        var counter = meter.Meter.CreateCounter<long>("carehub.test.things", "{thing}");
        for (var n = 0; n < Limits.MetricSeriesMax + 10; n++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", $"{n}"));
        }

        var text = ScrapedText.Parse(collector.Scrape());
        Assert.Equal(10, text["carehub_test_things_total{otel_metric_overflow=\"true\"}"]);
        Assert.Equal(1, text["carehub_test_things_total{n=\"0\"}"]);
    }

    [Fact]
    public void What_is_no_longer_observed_is_no_longer_told()
    {
        using var meter = new HubMeter();
        using var collector = new MetricsCollector(meter, null);
        var lanes = new List<string> { "a", "b\"\\\n" };
        meter.Meter.CreateObservableGauge("carehub.test.lanes", () => lanes.Select(lane => new Measurement<long>(1, new KeyValuePair<string, object?>("lane", lane))), "By");

        Assert.Contains("carehub_test_lanes_bytes{lane=\"b\\\"\\\\\\n\"} 1\n", collector.Scrape(), StringComparison.Ordinal);
        lanes.RemoveAt(1);
        Assert.DoesNotContain("lane=\"b", collector.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void To_measure_a_signal_allocates_nothing()
    {
        using var meter = new HubMeter();
        using var collector = new MetricsCollector(meter, null);
        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 10_000; n++)
        {
            Measure();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            meter.Acknowledged(TimeSpan.FromMilliseconds(1));
            meter.Committed(TimeSpan.FromMilliseconds(1));
            meter.Answered(Priority.Critical, TimeSpan.FromSeconds(7));
        }
    }

    [Theory]
    [InlineData("rule:button", "rule")]
    [InlineData("rule:bed_exit@ward@night:deduplicated", "deduplicated")]
    [InlineData("rule:door:raise_delay", "raise_delay")]
    [InlineData("restore", "restore")]
    [InlineData("restore:within_raise_delay", "restore_within_raise_delay")]
    [InlineData("cancel:too_late", "cancel_too_late")]
    [InlineData("walk_test:m-17", "walk_test")]
    [InlineData("no_rule", "no_rule")]
    [InlineData("rule:x:a name that somebody gave", "other")]
    [InlineData("something new", "other")]
    public void Reasons_become_a_bounded_set_of_words(string reason, string word) => Assert.Equal(word, TriageCounts.WordOf(reason));

}
