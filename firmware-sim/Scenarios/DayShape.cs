namespace CareHub.Simulator.Scenarios;

/// <summary>How a rate goes through the day.</summary>
internal enum DayShape
{
    Flat,
    Day,
    Night,
    Meals,
}

internal static class DayShapes
{
    /// <summary>The largest factor of any shape; a process at this rate is thinned to the hour's.</summary>
    public const double Peak = 3;

    /// <summary>Factor at a local hour; each shape averages about 1 over a day.</summary>
    public static double At(this DayShape shape, double localHour) => shape switch
    {
        DayShape.Day => localHour is >= 7 and < 22 ? 1.4 : 0.35,
        DayShape.Night => localHour is >= 21 or < 7 ? 1.8 : 0.4,
        DayShape.Meals => localHour is (>= 6.5 and < 8) or (>= 11 and < 12.5) or (>= 17 and < 19) ? Peak : 0.5,
        _ => 1,
    };
}
