using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Storage.Tests.Telemetry.Spool;

public sealed class SameMomentTests
{
    /// <summary>A whole millisecond.</summary>
    private const long At = 17_953_166_456_780_000;

    [Theory]
    [InlineData(1)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.001)]
    public void Values_on_a_decimal_grid_get_different_times_without_any_memory(double step)
    {
        // A fresh memory for each: as after a restart between any two.
        var times = Enumerable.Range(-4_000, 9_973).Select(i => new SameMoment().Distinct(At, Math.Round(i * step, 3))).ToList();
        Assert.Equal(times.Count, times.Distinct().Count());
        Assert.All(times, time => Assert.InRange(time, At, At + TimeSpan.TicksPerMillisecond - 1));
    }

    [Fact]
    public void Values_of_any_kind_get_different_times_while_the_moment_is_remembered()
    {
        var random = new Random(7);
        var moment = new SameMoment();
        var values = Enumerable.Range(0, 1_000).Select(_ => random.NextDouble() * 1e6).Distinct().ToList();
        var times = values.Select(value => moment.Distinct(At, value)).ToList();
        Assert.Equal(values.Count, times.Distinct().Count());
        Assert.Equal(times, values.Select(value => moment.Distinct(At, value)));
    }

    [Fact]
    public void The_same_reading_sent_again_gets_the_same_time_also_after_a_restart()
    {
        var moment = new SameMoment();
        var first = moment.Distinct(At, 36.6);
        var second = moment.Distinct(At, 36.7);
        moment.Distinct(At + TimeSpan.TicksPerSecond, 36.6);
        Assert.NotEqual(first, second);
        Assert.Equal((first, second), (moment.Distinct(At, 36.6), moment.Distinct(At, 36.7)));
        Assert.Equal(second, new SameMoment().Distinct(At, 36.7));
    }

    [Fact]
    public void A_finer_clock_is_left_alone_unless_another_value_has_its_time()
    {
        var moment = new SameMoment();
        Assert.Equal(At + 123, moment.Distinct(At + 123, 70));
        Assert.Equal(At + 123, moment.Distinct(At + 123, 70));
        Assert.NotEqual(At + 123, moment.Distinct(At + 123, 71));
        Assert.Equal(At + 124, moment.Distinct(At + 124, 72));
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.MinValue)]
    [InlineData(double.Epsilon)]
    [InlineData(-0.0)]
    [InlineData(1e15)]
    public void Any_number_has_a_time_within_its_millisecond(double value) =>
        Assert.InRange(new SameMoment().Distinct(At, value), At, At + TimeSpan.TicksPerMillisecond - 1);
}
