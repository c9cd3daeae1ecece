using System.Globalization;

namespace CareHub.Bench.Load;

/// <summary>A figure of one run.</summary>
/// <param name="PerCpuSecond">Work per processor second of the broker; 0 where that makes no sense.</param>
/// <param name="Text">The figure as it goes into the table, when it is not a rate.</param>
internal sealed record Figure(double PerCpuSecond, double PerSecond, string? Text = null)
{
    /// <summary>A figure as a line of progress.</summary>
    public static string Show(Figure figure) =>
        figure.Text ?? string.Create(CultureInfo.InvariantCulture, $"{figure.PerCpuSecond / 1000:0.0} k/CPU-s, {figure.PerSecond / 1000:0.0} k/s");

    /// <summary>The median of the runs, with their spread.</summary>
    public static string Show(IReadOnlyList<Figure> figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median(figures.Select(each => each.PerCpuSecond)) / 1000:0.0} k/CPU-s ({figures.Min(each => each.PerCpuSecond) / 1000:0.0} to {figures.Max(each => each.PerCpuSecond) / 1000:0.0}), {Median(figures.Select(each => each.PerSecond)) / 1000:0.0} k/s");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
