namespace CareHub.Simulator.Devices;

/// <summary>How a measured value goes through a day: a mean, a swing with its peak at an hour, and a slow wander.</summary>
/// <param name="Name">Name of the reading.</param>
/// <param name="Mean">Middle of the day's swing.</param>
/// <param name="Spread">How far devices differ from each other.</param>
/// <param name="DaySwing">Half the difference between the highest and the lowest hour.</param>
/// <param name="PeakHour">Local hour of the highest value.</param>
/// <param name="Wander">Deviation of the slow noise.</param>
/// <param name="Min">Never below.</param>
/// <param name="Max">Never above.</param>
/// <param name="Decimals">As the sensor rounds.</param>
/// <param name="InEpisode">Added while the device's alarm condition lasts, so that readings and signals tell one story.</param>
internal sealed record Curve(string Name, double Mean, double Spread, double DaySwing, double PeakHour, double Wander, double Min, double Max, int Decimals, double InEpisode = 0)
{
    /// <summary>The demo city lies in one time zone, without daylight saving.</summary>
    private static readonly TimeSpan LocalOffset = TimeSpan.FromHours(8);

    public static double LocalHour(DateTimeOffset now) => now.ToOffset(LocalOffset).TimeOfDay.TotalHours;

    /// <summary>The value now, for a device that is <paramref name="own"/> off the mean and <paramref name="wandered"/> off its curve.</summary>
    public double At(DateTimeOffset now, double own, double wandered, bool inEpisode)
    {
        var swing = DaySwing * Math.Cos((LocalHour(now) - PeakHour) / 24 * Math.Tau);
        var value = Mean + own + swing + wandered + (inEpisode ? InEpisode : 0);
        return Math.Round(Math.Clamp(value, Min, Max), Decimals);
    }
}
