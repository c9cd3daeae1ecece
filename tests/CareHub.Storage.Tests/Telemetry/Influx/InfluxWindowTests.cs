using System.Text.Json;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Tests.Telemetry.Influx;

public sealed class InfluxWindowTests
{
    [Fact]
    public void A_row_is_a_window() =>
        Assert.Equal(new ReadingWindow(DateTimeOffset.FromUnixTimeSeconds(60), 2, 70, 80.5, 150.5), WindowOf("[60000000000,2,70,80.5,150.5]"));

    /// <summary>As seen of InfluxDB 1.6 while the window's first reading was written.</summary>
    [Theory]
    [InlineData("[60000000000,null,70,70,70]")]
    [InlineData("[60000000000,1,null,70,70]")]
    [InlineData("[60000000000,1,70,null,70]")]
    [InlineData("[60000000000,1,70,70,null]")]
    public void One_that_was_half_written_when_it_was_asked_for_is_not_there_yet(string row) => Assert.Null(WindowOf(row));

    private static ReadingWindow? WindowOf(string row)
    {
        using var document = JsonDocument.Parse(row);
        return InfluxTelemetryStore.WindowOf(document.RootElement);
    }
}
