using System.Text;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Influx;

public sealed class InfluxPointsTests
{
    [Fact]
    public void A_reading_keeps_its_time_to_the_tick()
    {
        var lines = new LineBatch();
        InfluxPoints.Add(lines, Some.Reading(71));
        Assert.Equal("readings,device=vit-0012,name=heart_rate value=71 1795316645678123400\n", Text(lines));
    }

    [Fact]
    public void An_event_says_what_and_where_and_nobodys_name()
    {
        var lines = new LineBatch();
        InfluxPoints.Add(lines, Some.Event(41));
        Assert.Equal("events,event=raised,kind=smoke,region=hz-gs,site=home-0012,source=device device=\"smk-0041\",redeliveries=0i,alarm=\"home-0012.41\" 1795316645678000041\n", Text(lines));
    }

    [Fact]
    public void A_reading_carries_its_place()
    {
        var series = new Series(1, "vit-0012", "heart_rate", new SeriesTags("vital_monitor", "home 12", "hz-gs"), SpoolLane.Vital);
        var lines = new LineBatch();
        InfluxPoints.Add(lines, new SpoolReading(series, 10_000, 36.6, 0));
        InfluxPoints.Add(lines, new SpoolReading(series, 10_001, -70, 0));
        Assert.Equal(
            "readings,device=vit-0012,kind=vital_monitor,name=heart_rate,region=hz-gs,site=home\\ 12 value=36.6 1000000\n"
            + "readings,device=vit-0012,kind=vital_monitor,name=heart_rate,region=hz-gs,site=home\\ 12 value=-70 1000100\n",
            Text(lines));
    }

    [Theory]
    [InlineData("seen", "to_seen_ms")]
    [InlineData("acknowledged", "to_acknowledged_ms")]
    [InlineData("claimed", "to_claimed_ms")]
    [InlineData("on_scene", "to_on_scene_ms")]
    [InlineData("resolved", "to_closed_ms")]
    [InlineData("auto_closed", "to_closed_ms")]
    [InlineData("cancelled", "to_closed_ms")]
    public void The_first_change_of_its_kind_has_its_age_in_a_field_of_its_own(string change, string field)
    {
        var lines = new LineBatch();
        var points = new InfluxPoints(null);
        points.Add(lines, Some.Change(7, change, isFirst: true, ageMs: 1_500));
        points.Add(lines, Some.Change(8, change, isFirst: false, ageMs: 9_000));
        Assert.Equal(
            $"alarms,event={change},kind=fall,priority=critical,site=home-0012 alarm=\"home-0012.1\",device=\"fall-0012\",age_ms=1500i,{field}=1500i 1795316645678000007\n"
            + $"alarms,event={change},kind=fall,priority=critical,site=home-0012 alarm=\"home-0012.1\",device=\"fall-0012\",age_ms=9000i 1795316645678000008\n",
            Text(lines));
    }

    [Fact]
    public void Events_of_one_moment_get_times_of_their_own_and_the_same_when_sent_again()
    {
        var times = Enumerable.Range(999_900, 5_000).Select(cursor => Time(cursor)).ToList();
        Assert.Equal(times.Count, times.Distinct().Count());
        Assert.Equal(times, Enumerable.Range(999_900, 5_000).Select(cursor => Time(cursor)));
    }

    [Fact]
    public void A_time_that_InfluxDB_does_not_know_is_refused_here()
    {
        var lines = new LineBatch();
        InfluxPoints.Add(lines, Some.Reading() with { At = DateTimeOffset.MinValue });
        InfluxPoints.Add(lines, Some.Reading() with { At = DateTimeOffset.UnixEpoch });
        Assert.Equal((1, 1), (lines.Count, lines.Refused.Count));
    }

    private static string Time(int cursor)
    {
        var lines = new LineBatch();
        InfluxPoints.Add(lines, Some.Event(cursor));
        return Text(lines).Split(' ')[^1];
    }

    private static string Text(LineBatch lines) => Encoding.UTF8.GetString(lines.Lines(0, lines.Count).Span);
}
