using System.Diagnostics;
using System.Globalization;
using CareHub.Core.Alarms;
using CareHub.Server.Metrics;
using CareHub.Server.Metrics.Scrape;

namespace CareHub.Bench.Pipeline;

/// <summary>What it costs to measure: nanoseconds and bytes for each signal, and for a scrape.</summary>
internal static class MetricsCost
{
    private const int Times = 5_000_000;

    public static int Run()
    {
        using var meter = new HubMeter();
        using var collector = new MetricsCollector(meter, null);
        var took = TimeSpan.FromMilliseconds(1.2);
        Console.WriteLine("| measured | ns | bytes |\n| --- | --- | --- |");
        Show("an acknowledgement", () => meter.Acknowledged(took));
        Show("an answer of a person (with a label)", () => meter.Answered(Priority.High, took));
        Show("the reason of a decision", () => TriageCounts.ReasonOf("rule:bed_exit@ward@night:deduplicated"));
        Show("a scrape", () => collector.Scrape(), Times / 5_000);
        return 0;
    }

    private static void Show(string what, Action measure, int times = Times)
    {
        for (var n = 0; n < times / 5; n++)
        {
            measure();
        }

        var (bytes, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var n = 0; n < times; n++)
        {
            measure();
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {Stopwatch.GetElapsedTime(start).TotalNanoseconds / times:0} | {(GC.GetAllocatedBytesForCurrentThread() - bytes) / times} |"));
    }
}
