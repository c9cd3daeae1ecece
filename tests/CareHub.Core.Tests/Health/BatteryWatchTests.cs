using CareHub.Core.Health;

namespace CareHub.Core.Tests.Health;

public sealed class BatteryWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly BatteryRule Rule = new(10, 7);

    [Fact]
    public void A_steady_fall_tells_the_days_left_and_raises_in_time()
    {
        var watch = new BatteryWatch();
        // Two percent a day from 60: seven days are left at 14.
        var raisedAt = Days(watch, 0, 30, day => 60 - (2 * day)).Where(each => each.Finding is not null).Select(each => (each.Day, each.Finding!.Value.IsOver)).ToList();
        Assert.Equal([(23.0, false)], raisedAt);
        Assert.InRange(watch.DaysLeft!.Value, 0, 0.1);
    }

    [Fact]
    public void A_battery_that_is_low_is_low_without_a_trend()
    {
        var watch = new BatteryWatch();
        Assert.Null(watch.Observe(11, Start, Rule));
        Assert.False(watch.Observe(10, Start.AddMinutes(1), Rule)!.Value.IsOver);
        Assert.Null(watch.Observe(9, Start.AddMinutes(2), Rule));
        Assert.Null(watch.Observe(15, Start.AddMinutes(3), Rule));
        Assert.True(watch.Observe(15.5, Start.AddMinutes(4), Rule)!.Value.IsOver);
    }

    [Fact]
    public void A_new_battery_begins_a_new_trend()
    {
        var watch = new BatteryWatch();
        Assert.Contains(Days(watch, 0, 20, day => 50 - (2.4 * day)), each => each.Finding is { IsOver: false });
        Assert.True(watch.Observe(100, Start.AddDays(20), Rule)!.Value.IsOver);
        Assert.Null(watch.DaysLeft);
        Assert.DoesNotContain(Days(watch, 20.1, 30, _ => 100), each => each.Finding is not null);
        Assert.Null(watch.DaysLeft);
    }

    [Fact]
    public void Less_than_three_days_are_no_trend_and_what_comes_late_is_no_news()
    {
        var watch = new BatteryWatch();
        Assert.DoesNotContain(Days(watch, 0, 2.9, day => 90 - (20 * day)), each => each.Finding is not null);
        Assert.Null(watch.DaysLeft);
        Assert.Null(watch.Observe(1, Start, Rule));
        Assert.False(watch.IsRaised);
    }

    [Fact]
    public void Noise_on_a_level_line_raises_nothing()
    {
        var random = new Random(5);
        var watch = new BatteryWatch();
        Assert.DoesNotContain(Days(watch, 0, 60, _ => 85 + (random.NextDouble() * 4)), each => each.Finding is not null);
    }

    [Fact]
    public void A_restart_finds_what_the_hub_had_found_and_no_more()
    {
        var lived = new BatteryWatch();
        Assert.Single(Days(lived, 0, 24, day => 60 - (2 * day)), each => each.Finding is not null);
        Assert.True(lived.IsRaised);

        var restarted = new BatteryWatch(raised: true);
        for (var day = 10.0; day < 24; day += 0.25)
        {
            restarted.Learn(60 - (2 * day), Start.AddDays(day));
        }

        Assert.Equal(lived.DaysLeft!.Value, restarted.DaysLeft!.Value, 0.3);
        Assert.Null(restarted.Observe(11.9, Start.AddDays(24.05), Rule));
        Assert.True(restarted.Observe(100, Start.AddDays(24.1), Rule)!.Value.IsOver);
    }

    /// <summary>A value an hour.</summary>
    private static IEnumerable<(double Day, HealthFinding? Finding)> Days(BatteryWatch watch, double from, double to, Func<double, double> value)
    {
        for (var hour = 0; from + (hour / 24.0) <= to; hour++)
        {
            var day = from + (hour / 24.0);
            yield return (day, watch.Observe(value(day), Start.AddDays(day), Rule));
        }
    }
}
