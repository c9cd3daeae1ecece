using System.Text;
using CareHub.Storage.Telemetry.Influx;
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
        Assert.Equal("events,event=raised,kind=smoke,priority=critical,site=home-0012 alarm=\"home-0012.41\",age_ms=410i,device=\"smk-0041\" 1795316645678000041\n", Text(lines));
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
        Assert.Equal((1, 1), (lines.Count, lines.Refused.Values.Sum()));
    }

    private static string Time(int cursor)
    {
        var lines = new LineBatch();
        InfluxPoints.Add(lines, Some.Event(cursor));
        return Text(lines).Split(' ')[^1];
    }

    private static string Text(LineBatch lines) => Encoding.UTF8.GetString(lines.Lines(0, lines.Count).Span);
}
