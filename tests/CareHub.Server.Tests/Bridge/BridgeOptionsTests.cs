using CareHub.Server.Bridge;

namespace CareHub.Server.Tests.Bridge;

public sealed class BridgeOptionsTests
{
    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_and_no_secret_with_it()
    {
        var bad = new BridgeOptions
        {
            Name = "The City",
            Url = "mqtt://me:secret@host",
            Password = "secret",
            Version = "4",
            Qos = 3,
            KeepAliveSeconds = 1,
            SharedGroup = "a/b",
        };
        bad.SignalFilters.Add("care/#/signal");
        bad.SignalFilters.Add("$share/g/x");
        bad.TelemetryFilters.Add("care/+/reading");
        bad.TelemetryFilters.Add("care/v1/#");
        var tls = new BridgeOptions { Name = "two", Url = "mqtts://host", CaFile = "/does/not/exist.pem" };
        var errors = string.Join('\n', BridgeOptions.Validate([bad, tls, new() { Name = "two", Url = "mqtt://host", CertificateFile = "x" }]));

        foreach (var text in new[]
        {
            "CareHub:Bridges:0:Name: 'The City'", "0:Url: it must not hold a user", "0:User: missing", "0:Version: '4'", "0:Qos: 3", "0:KeepAliveSeconds: 1", "0:SharedGroup: 'a/b'",
            "filter 'care/#/signal' is not", "filter '$share/g/x' is not", "'care/+/reading' and 'care/v1/#' overlap", "1:a certificate or key cannot be read", "2:CaFile, CertificateFile",
            "the name 'two' is used 2 times",
        })
        {
            Assert.Contains(text, errors, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_and_an_address_are_enough()
    {
        var bridge = new BridgeOptions { Name = "city", Url = "mqtt://broker" };
        Assert.Empty(BridgeOptions.Validate([bridge]));
        Assert.Equal(["care/v1/+/signal", "care/v1/+/status"], bridge.FiltersOf(BridgeLane.Signals));
        bridge.TelemetryFilters.Add("");
        Assert.Empty(bridge.FiltersOf(BridgeLane.Telemetry));
    }

    [Theory]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/+/c", "a/b/+", true)]
    [InlineData("#", "a/b", true)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a", "a/b", false)]
    [InlineData("care/v1/+/signal", "care/v1/+/reading", false)]
    public void Filters_overlap_when_a_topic_matches_both(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, BridgeFilters.Overlap(one, other));
        Assert.Equal(overlap, BridgeFilters.Overlap(other, one));
    }
}
