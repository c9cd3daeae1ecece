using System.Buffers;
using System.Text;
using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Tests.Telemetry.Influx;

public sealed class LineProtocolTests
{
    [Fact]
    public void A_reading_is_one_line()
    {
        Assert.Equal(
            "readings,device=vit-0012,name=heart_rate value=71.5 1700000000000000001\n",
            Line("readings", [new Tag("device", "vit-0012"), new Tag("name", "heart_rate")], [Field.Float("value", 71.5)], 1_700_000_000_000_000_001));
    }

    [Fact]
    public void Every_kind_of_field_has_its_form()
    {
        Assert.Equal(
            "m f=1E+300,i=-5i,b=true,n=false,t=\"say \\\"hi\\\" \\\\ a\nb\" -1\n",
            Line("m", [], [Field.Float("f", 1e300), Field.Integer("i", -5), Field.Boolean("b", true), Field.Boolean("n", false), Field.Text("t", "say \"hi\" \\ a\nb")], -1));
    }

    [Fact]
    public void Names_and_tags_are_escaped_each_by_its_own_rule()
    {
        Assert.Equal(
            "a\\ b\\,c=d,k\\ e\\,y\\=1=v\\ a\\,l\\=2 f\\ i\\,e\\=3=1 0\n",
            Line("a b,c=d", [new Tag("k e,y=1", "v a,l=2")], [Field.Float("f i,e=3", 1)], 0));
    }

    [Fact]
    public void An_empty_tag_is_left_out() =>
        Assert.Equal("m,b=2 f=1 0\n", Line("m", [new Tag("a", ""), new Tag("b", "2")], [Field.Float("f", 1)], 0));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_that_is_none_is_refused(double value) =>
        Assert.Equal("field value is not a finite number", Refusal("m", [], [Field.Float("value", value)]));

    [Theory]
    [InlineData("", "measurement is empty")]
    [InlineData("#note", "measurement begins with '#', which makes the line a comment")]
    [InlineData("a\nb", "measurement holds a control character")]
    [InlineData("a\\", "measurement ends with a backslash")]
    [InlineData("a\\ b", "measurement holds a backslash before ' '")]
    public void A_measurement_that_has_no_form_is_refused(string measurement, string reason) =>
        Assert.Equal(reason, Refusal(measurement, [], [Field.Float("value", 1)]));

    [Theory]
    [InlineData("a\nb", "tag device holds a control character")]
    [InlineData("a\\", "tag device ends with a backslash")]
    [InlineData("a\\=b", "tag device holds a backslash before '='")]
    public void A_tag_that_has_no_form_is_refused(string value, string reason) =>
        Assert.Equal(reason, Refusal("m", [new Tag("device", value)], [Field.Float("value", 1)]));

    [Fact]
    public void What_else_cannot_be_is_refused()
    {
        Assert.Equal("tag key is 'time', which InfluxDB keeps for itself", Refusal("m", [new Tag("time", "x")], [Field.Float("value", 1)]));
        Assert.Equal("field key is empty", Refusal("m", [], [Field.Float("", 1)]));
        Assert.Equal("no fields", Refusal("m", [], []));
        Assert.Equal("measurement is not valid Unicode", Refusal("a\uD800", [], [Field.Float("value", 1)]));
        Assert.Equal("tag device is not valid Unicode", Refusal("m", [new Tag("device", "\uDC00a")], [Field.Float("value", 1)]));
        Assert.Equal("field t is not valid Unicode", Refusal("m", [], [Field.Text("t", "\uD800")]));
    }

    [Fact]
    public void A_time_outside_the_servers_range_is_refused()
    {
        Assert.NotNull(Refusal("m", [], [Field.Float("value", 1)], long.MinValue));
        Assert.NotNull(Refusal("m", [], [Field.Float("value", 1)], long.MaxValue));
        Line("m", [], [Field.Float("value", 1)], LineProtocol.UnixNsMin);
        Line("m", [], [Field.Float("value", 1)], LineProtocol.UnixNsMax);
    }

    private static string Line(string measurement, Tag[] tags, Field[] fields, long unixNs)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(LineProtocol.Append(output, measurement, tags, fields, unixNs));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string? Refusal(string measurement, Tag[] tags, Field[] fields, long unixNs = 0)
    {
        var output = new ArrayBufferWriter<byte>();
        var reason = LineProtocol.Append(output, measurement, tags, fields, unixNs);
        Assert.Equal(0, output.WrittenCount);
        return reason;
    }
}
