namespace CareHub.Core.Telemetry;

/// <summary>
/// The readings of one series in one window of time. A window without readings does not exist: a gap stays a gap, and
/// nothing is made up for it.
/// </summary>
/// <param name="From">Beginning of the window; windows are counted from 1970-01-01 UTC.</param>
/// <param name="Count">Readings in it, at least one.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Sum">All of them, to the precision of the readings themselves.</param>
public readonly record struct ReadingWindow(DateTimeOffset From, long Count, double Min, double Max, double Sum)
{
    public double Average => Sum / Count;
}

/// <summary>How long readings are kept at each resolution. What is coarser is kept longer.</summary>
public sealed record TelemetryRetention
{
    public static TelemetryRetention Default { get; } = new();

    /// <summary>The readings themselves.</summary>
    public TimeSpan Readings { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Windows of one minute.</summary>
    public TimeSpan Minutes { get; init; } = TimeSpan.FromDays(60);

    /// <summary>Windows of a quarter of an hour.</summary>
    public TimeSpan Quarters { get; init; } = TimeSpan.FromDays(366);

    /// <summary>Windows of an hour.</summary>
    public TimeSpan Hours { get; init; } = TimeSpan.FromDays(5 * 366);

    /// <summary>Windows of a day.</summary>
    public TimeSpan Days { get; init; } = TimeSpan.FromDays(10 * 366);
}
