namespace CareHub.Core.Telemetry;

/// <summary>Chooses the window of a chart: the finest that fits the pixels and that is still kept as far back as asked.</summary>
public static class TrendWindow
{
    /// <summary>Every window divides the next whole minute, hour or day, so that windows are made of roll-ups.</summary>
    private static readonly TimeSpan[] Ladder =
    [
        .. new[] { 1, 2, 5, 10, 15, 30 }.Select(seconds => TimeSpan.FromSeconds(seconds)),
        .. new[] { 1, 2, 5, 10, 15, 30 }.Select(minutes => TimeSpan.FromMinutes(minutes)),
        .. new[] { 1, 2, 3, 6, 12, 24 }.Select(hours => TimeSpan.FromHours(hours)),
    ];

    /// <summary>Shortest window that may be asked for.</summary>
    public static TimeSpan Min => Ladder[0];

    /// <summary>The window for at most <paramref name="points"/> windows between two times; whole days beyond the ladder.</summary>
    /// <param name="from">Beginning of the chart.</param>
    /// <param name="to">Its end.</param>
    /// <param name="points">Windows that may come back, at least one.</param>
    /// <param name="now">What retention is counted from.</param>
    /// <param name="kept">How long each resolution is kept; null when everything is.</param>
    public static TimeSpan For(DateTimeOffset from, DateTimeOffset to, int points, DateTimeOffset now, TelemetryRetention? kept)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        var least = kept is null ? Min : LeastKept(now - from, kept);
        foreach (var window in Ladder)
        {
            if (window >= least && (to - from).Ticks / window.Ticks < points)
                return window;
        }

        var days = ((to - from).Ticks / TimeSpan.TicksPerDay / points) + 1;
        return TimeSpan.FromDays(days);
    }

    private static TimeSpan LeastKept(TimeSpan age, TelemetryRetention kept)
    {
        if (age <= kept.Readings)
            return Min;
        if (age <= kept.Minutes)
            return TimeSpan.FromMinutes(1);
        if (age <= kept.Quarters)
            return TimeSpan.FromMinutes(15);
        return age <= kept.Hours ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1);
    }
}
