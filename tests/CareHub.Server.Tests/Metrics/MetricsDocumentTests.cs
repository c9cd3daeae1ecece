using System.Text.RegularExpressions;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Metrics;

/// <summary>docs/metrics.md says what there is: no more, no less.</summary>
public sealed partial class MetricsDocumentTests
{
    [Fact]
    public async Task The_document_lists_every_metric_of_the_hub_with_its_kind_and_its_labels()
    {
        await using var hub = await TestHub.StartAsync(configure: MetricsTests.Allow);
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        var text = await MetricsTests.ScrapeAsync(hub);

        var listed = RepositoryFile.TableRows("docs/metrics.md").ToDictionary(row => row[0].Trim('`'), row => row, StringComparer.Ordinal);
        var own = text.Families.Where(family => family.Key.StartsWith("carehub_", StringComparison.Ordinal) || family.Key.StartsWith("process_", StringComparison.Ordinal)).ToList();
        Assert.Equal(own.Select(family => family.Key).Order(StringComparer.Ordinal), listed.Keys.Order(StringComparer.Ordinal));
        Assert.All(own, family => Assert.Equal(listed[family.Key][1], family.Value));
        foreach (var series in text.Samples.Keys.Where(series => series.StartsWith("carehub_", StringComparison.Ordinal)))
        {
            var family = own.Select(each => each.Key).Where(name => series.StartsWith(name, StringComparison.Ordinal)).MaxBy(name => name.Length)!;
            foreach (var label in LabelName().Matches(series).Select(match => match.Groups["name"].Value).Where(label => label != "le"))
            {
                Assert.Contains($"`{label}`", listed[family][2], StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Prometheus_own_tool_can_read_a_scrape()
    {
        await using var hub = await TestHub.StartAsync(configure: MetricsTests.Allow);
        await using var device = await hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");

        // Exit code 3 is about names that .NET gives (dotnet_gc_heap_total_allocated_bytes_total); 1 is a text it cannot read.
        var (exit, output) = await Promtool.RunAsync(await MetricsTests.RawAsync(hub), "check", "metrics");
        Assert.True(exit is 0 or 3, output);
        Assert.DoesNotContain("carehub_", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("(?<name>[a-z_]+)=\"")]
    private static partial Regex LabelName();
}
