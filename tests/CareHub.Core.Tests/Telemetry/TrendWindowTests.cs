using CareHub.Core.Telemetry;

namespace CareHub.Core.Tests.Telemetry;

public sealed class TrendWindowTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 900, 5)]
    [InlineData(24, 900, 120)]
    [InlineData(7 * 24, 900, 900)]
    [InlineData(30 * 24, 900, 3_600)]
    [InlineData(24, 10, 10_800)]
    [InlineData(1, 5_000, 1)]
    [InlineData(24 * 366, 10, 37 * 86_400)]
    public void The_finest_window_that_fits_the_pixels(int hours, int points, int seconds)
    {
        var window = TrendWindow.For(Now.AddHours(-hours), Now, points, Now, null);
        Assert.Equal(seconds, window.TotalSeconds);
        Assert.True(TimeSpan.FromHours(hours).Ticks / window.Ticks <= points);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(31, 60)]
    [InlineData(90, 900)]
    [InlineData(500, 3_600)]
    [InlineData(3_000, 86_400)]
    public void An_old_hour_has_the_window_that_is_still_kept(int daysAgo, int seconds) =>
        Assert.Equal(seconds, TrendWindow.For(Now.AddDays(-daysAgo), Now.AddDays(-daysAgo).AddHours(1), 900, Now, TelemetryRetention.Default).TotalSeconds);
}
