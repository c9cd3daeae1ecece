using System.Text;
using CareHub.Server.Ingest;

namespace CareHub.Server.Tests.Ingest;

/// <summary>What a service may do: by filters, and nothing by default.</summary>
public sealed class TopicGrantsTests
{
    [Theory]
    [InlineData("care/v1/+/signal", "care/v1/btn-1/signal", true)]
    [InlineData("care/v1/+/signal", "care/v1/btn-1/reading", false)]
    [InlineData("care/v1/+/signal", "care/v1/btn-1/signal/x", false)]
    [InlineData("city/#", "city", true)]
    [InlineData("city/#", "city/a/b", true)]
    [InlineData("city/#", "cityhall", false)]
    [InlineData("#", "anything/at/all", true)]
    [InlineData("#", "$SYS/broker", false)]
    [InlineData("+/broker", "$SYS/broker", false)]
    [InlineData("$SYS/#", "$SYS/broker", true)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a/+/b", "a//b", true)]
    [InlineData("a", "a/", false)]
    public void Publishing_is_matched(string granted, string topic, bool allowed) =>
        Assert.Equal(allowed, new TopicGrants([granted], []).MayPublish(Encoding.UTF8.GetBytes(topic)));

    [Theory]
    [InlineData("city/#", "city/#", true)]
    [InlineData("city/#", "city/+/x", true)]
    [InlineData("city/#", "city", true)]
    [InlineData("city/#", "#", false)]
    [InlineData("city/#", "+/x", false)]
    [InlineData("city/+", "city/x", true)]
    [InlineData("city/+", "city/+", true)]
    [InlineData("city/+", "city/#", false)]
    [InlineData("city/x", "city/+", false)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("$SYS/#", "$SYS/broker/+", true)]
    public void Subscribing_has_to_stay_within_a_grant(string granted, string asked, bool allowed) =>
        Assert.Equal(allowed, new TopicGrants([], [granted]).MaySubscribe(asked));

    [Fact]
    public void Nothing_is_granted_by_default()
    {
        var grants = new TopicGrants([], []);
        Assert.False(grants.MayPublish("a"u8));
        Assert.False(grants.MaySubscribe("a"));
    }

    [Theory]
    [InlineData("a/#/b")]
    [InlineData("a+")]
    [InlineData("")]
    [InlineData("$share/g/a")]
    [InlineData("a\nb")]
    public void A_grant_that_is_no_filter_is_named(string filter) => Assert.Contains(filter, TopicGrants.Check(filter), StringComparison.Ordinal);
}
