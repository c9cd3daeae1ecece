namespace CareHub.Server.Tests.SelfWatch;

/// <summary>A wall clock that is set must move no deadline.</summary>
public sealed class SteadyTimeTests
{
    private readonly Wall _wall = new();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_an_hour_changes_how_fast_time_passes_by_a_tenth_and_nothing_else(int hours)
    {
        var time = new SteadyTime(_wall, null);
        var start = time.GetUtcNow();

        _wall.Set(TimeSpan.FromHours(hours));
        Assert.Equal(start, time.GetUtcNow());
        Assert.True(time.IsOffWall);
        _wall.Pass(TimeSpan.FromSeconds(30));

        Assert.Equal(30 + (hours * 3), (time.GetUtcNow() - start).TotalSeconds, 3);
    }

    [Fact]
    public void It_reaches_the_wall_clock_in_the_end_and_never_goes_back()
    {
        var time = new SteadyTime(_wall, null);
        _wall.Set(TimeSpan.FromMinutes(-1));
        var last = time.GetUtcNow();
        for (var second = 0; second < 601; second++)
        {
            _wall.Pass(TimeSpan.FromSeconds(1));
            Assert.True(time.GetUtcNow() > last);
            last = time.GetUtcNow();
        }

        Assert.False(time.IsOffWall);
        Assert.Equal(_wall.GetUtcNow(), time.GetUtcNow());
    }

    [Fact]
    public void It_goes_on_behind_what_is_on_record_unless_that_is_not_credible()
    {
        var now = _wall.GetUtcNow();

        Assert.Equal(now.AddHours(1), new SteadyTime(_wall, now.AddHours(1)).GetUtcNow());
        Assert.Equal(now, new SteadyTime(_wall, now.AddHours(-1)).GetUtcNow());
        Assert.Equal(now, new SteadyTime(_wall, now.AddDays(400)).GetUtcNow());
    }

    /// <summary>A clock on the wall that somebody can set, with a monotonic counter that nobody can.</summary>
    private sealed class Wall : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 22, 4, 0, 0, TimeSpan.Zero);
        private long _counter = 1_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _counter;

        public void Set(TimeSpan by) => _now += by;

        public void Pass(TimeSpan time)
        {
            _now += time;
            _counter += time.Ticks;
        }
    }
}
