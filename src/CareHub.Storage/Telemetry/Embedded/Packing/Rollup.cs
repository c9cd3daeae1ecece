namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>A window that has readings.</summary>
/// <param name="Window">Its number, counted from 1970 in windows of its level.</param>
internal readonly record struct Rollup(long Window, long Count, double Min, double Max, double Sum)
{
    /// <summary>Sums up points, which are in order of time, by windows.</summary>
    public static List<Rollup> Of(ReadOnlySpan<Point> points, long windowTicks)
    {
        var windows = new List<Rollup>();
        for (var i = 0; i < points.Length;)
        {
            var window = BlockKey.PeriodAt(points[i].At, windowTicks);
            var end = (window + 1) * windowTicks;
            var (count, min, max, sum) = (0L, double.MaxValue, double.MinValue, 0.0);
            for (; i < points.Length && points[i].At < end; i++)
            {
                var value = points[i].Value;
                count++;
                min = Math.Min(min, value);
                max = Math.Max(max, value);
                sum += value;
            }

            windows.Add(new Rollup(window, count, min, max, sum));
        }

        return windows;
    }

    /// <summary>Sums up windows, which are in order, by longer ones.</summary>
    /// <param name="windows">What to sum up.</param>
    /// <param name="times">How many of them make one of the longer.</param>
    public static List<Rollup> Of(IEnumerable<Rollup> windows, long times)
    {
        var longer = new List<Rollup>();
        foreach (var window in windows)
        {
            var number = BlockKey.PeriodAt(window.Window, times);
            if (longer.Count > 0 && longer[^1].Window == number)
                longer[^1] = longer[^1].With(window);
            else
                longer.Add(window with { Window = number });
        }

        return longer;
    }

    private Rollup With(Rollup other) =>
        new(Window, Count + other.Count, Math.Min(Min, other.Min), Math.Max(Max, other.Max), Sum + other.Sum);
}
