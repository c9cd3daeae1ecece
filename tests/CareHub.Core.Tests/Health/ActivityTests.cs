using CareHub.Core.Health;

namespace CareHub.Core.Tests.Health;

public sealed class ActivityTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("+8", TimeSpan.FromHours(8), "+8", "+8");
    private static readonly DateTimeOffset Morning = new(2026, 11, 22, 0, 0, 0, TimeSpan.FromHours(8));
    private static readonly InactivityRule Rule = new();

    /// <summary>Up at seven, to bed at ten, an hour's nap after lunch.</summary>
    private static bool Usually(int localHour) => localHour is >= 7 and < 22 and not 13;

    [Fact]
    public void The_pattern_is_the_second_longest_silence_of_each_hour()
    {
        var pattern = ActivityPattern.Learn(Hours(28, (_, hour) => Usually(hour)), Morning, Zone);
        Assert.Equal(28, pattern.Days);
        Assert.Equal("3 4 5 6 7 8 9 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 1 2", string.Join(' ', pattern.UsualQuietHours));

        // Once late up is an accident, twice is a habit.
        var once = ActivityPattern.Learn(Hours(28, (day, hour) => Usually(hour) && !(day == 5 && hour < 11)), Morning, Zone);
        Assert.Equal(string.Join(" ", pattern.UsualQuietHours), string.Join(" ", once.UsualQuietHours));
        var twice = ActivityPattern.Learn(Hours(28, (day, hour) => Usually(hour) && !(day is 5 or 9 && hour < 11)), Morning, Zone);
        Assert.Equal([10, 11, 12, 13], twice.UsualQuietHours.Skip(7).Take(4));
    }

    [Fact]
    public void The_limit_is_the_persons_own_by_the_hour_and_within_bounds()
    {
        var pattern = ActivityPattern.Learn(Hours(28, (_, hour) => Usually(hour)), Morning, Zone);
        TimeSpan LimitAt(int hour) => pattern.LimitAt(Morning.AddHours(hour), Rule, Zone);
        Assert.Equal(TimeSpan.FromHours(15), LimitAt(6));
        Assert.Equal(TimeSpan.FromHours(4), LimitAt(10));
        Assert.Equal(TimeSpan.FromHours(24), pattern.LimitAt(Morning.AddHours(6), Rule with { Factor = 10 }, Zone));
    }

    [Fact]
    public void Before_fourteen_days_are_known_the_limit_is_fixed()
    {
        Assert.Equal(Rule.Fixed, ActivityPattern.Unknown.LimitAt(Morning, Rule, Zone));
        Assert.Equal(Rule.Fixed, ActivityPattern.Learn(Hours(13, (_, hour) => Usually(hour)), Morning, Zone).LimitAt(Morning.AddHours(10), Rule, Zone));
        Assert.NotEqual(Rule.Fixed, ActivityPattern.Learn(Hours(14, (_, hour) => Usually(hour)), Morning, Zone).LimitAt(Morning.AddHours(10), Rule, Zone));
        Assert.Equal(0, ActivityPattern.Learn([], Morning, Zone).Days);
    }

    [Fact]
    public void Who_is_not_up_as_usual_is_found_and_who_sleeps_is_left_alone()
    {
        var pattern = ActivityPattern.Learn(Hours(28, (_, hour) => Usually(hour)), Morning, Zone);
        var watch = new ActivityWatch();
        watch.Moved("motion-1", "motion", Morning.AddHours(-2.5));
        DateTimeOffset? found = null;
        for (var minute = 0; minute < 12 * 60 && found is null; minute++)
        {
            if (watch.Judge(Morning.AddMinutes(minute), pattern, Rule, Zone) is { } finding)
            {
                found = Morning.AddMinutes(minute);
                Assert.Equal(("motion-1", false), (finding.DeviceId, finding.Finding.IsOver));
            }
        }

        // Usually up within the hour after seven: at eight the limit of the day holds.
        Assert.Equal(Morning.AddHours(8), found);
        Assert.Null(watch.Judge(Morning.AddHours(9), pattern, Rule, Zone));

        var over = watch.Moved("motion-2", "motion", Morning.AddHours(9.5))!.Value;
        Assert.Equal(("motion-1", true), (over.DeviceId, over.Finding.IsOver));
        Assert.Null(watch.Moved("motion-1", "motion", Morning.AddHours(9.4)));
    }

    [Fact]
    public void What_roll_ups_tell_after_a_restart_is_the_same_finding()
    {
        var lived = new ActivityWatch();
        lived.Moved("m", "motion", Morning.AddHours(10.4));
        var restarted = new ActivityWatch();
        restarted.Remember("m", "motion", Morning.AddHours(11).AddTicks(-1));
        restarted.Remember("n", "motion", Morning.AddHours(9));
        var later = Morning.AddHours(30);
        Assert.Equal(lived.Judge(later, ActivityPattern.Unknown, Rule, Zone)!.Value.Finding.Id, restarted.Judge(later, ActivityPattern.Unknown, Rule, Zone)!.Value.Finding.Id);

        var restored = new ActivityWatch();
        restored.Restore("m");
        restored.Remember("m", "motion", Morning);
        Assert.Null(restored.Judge(later, ActivityPattern.Unknown, Rule, Zone));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_habit_is_never_an_alarm(int seed)
    {
        // Any day that repeats itself for four weeks: on the next such day nothing is found.
        var random = new Random(seed);
        var day = Enumerable.Range(0, 24).Select(_ => random.Next(3) == 0).ToArray();
        day[random.Next(24)] = true;
        var pattern = ActivityPattern.Learn(Hours(28, (_, hour) => day[hour]), Morning, Zone);
        var watch = new ActivityWatch();
        watch.Moved("m", "motion", Morning.AddHours(-24 + Array.FindLastIndex(day, active => active) + 0.99));
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            if (day[minute / 60] && minute % 60 == 59)
            {
                watch.Moved("m", "motion", Morning.AddMinutes(minute));
            }

            Assert.Null(watch.Judge(Morning.AddMinutes(minute), pattern, Rule with { AtMost = TimeSpan.FromHours(720) }, Zone));
        }
    }

    private static List<long> Hours(int days, Func<int, int, bool> isActive) =>
    [
        .. Enumerable.Range(0, days * 24)
            .Select(hour => (Day: hour / 24, At: Morning.AddDays(-days).AddHours(hour)))
            .Where(each => isActive(each.Day, each.At.Hour) || each.At == Morning.AddDays(-days))
            .Select(each => ActivityPattern.HourOf(each.At)),
    ];
}
