namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>A reading of a series: ticks since 1970, see <see cref="UnixTicks"/>.</summary>
internal readonly record struct Point(long At, double Value);

/// <summary>
/// Readings of one series as numbers: a column of times, then one of values. Times are whole numbers of the coarsest unit in
/// which they are exact, as differences of differences: a device that measures every ten seconds is mostly zeros.
/// </summary>
internal sealed class PointColumns
{
    private static readonly long[] Units = [TimeSpan.TicksPerSecond, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMicrosecond, 1];

    private double[] _values = [];

    /// <summary>Writes points that are in order of time, none twice.</summary>
    public void Write(PackBuffer to, ReadOnlySpan<Point> points)
    {
        to.Number((ulong)points.Length);
        var unit = UnitOf(points);
        to.Byte((byte)unit);
        var (last, step) = (0L, 0L);
        for (var i = 0; i < points.Length; i++)
        {
            var at = points[i].At / Units[unit];
            to.Signed(at - last - step);
            (step, last) = (i == 0 ? 0 : at - last, at);
        }

        if (_values.Length < points.Length)
            _values = new double[points.Length];
        for (var i = 0; i < points.Length; i++)
            _values[i] = points[i].Value;
        ValueColumn.Write(to, _values.AsSpan(0, points.Length));
    }

    /// <summary>Adds the points to a list, in order of time.</summary>
    public static void Read(ref PackReader from, List<Point> into)
    {
        var times = new long[from.Count()];
        var unit = from.Byte();
        if (unit >= Units.Length)
            throw new InvalidDataException($"A block of readings has times of an unknown unit ({unit}).");
        var (last, step) = (0L, 0L);
        for (var i = 0; i < times.Length; i++)
        {
            var at = last + step + from.Signed();
            (step, last) = (i == 0 ? 0 : at - last, at);
            times[i] = at * Units[unit];
        }

        var values = new double[times.Length];
        ValueColumn.Read(ref from, values);
        into.EnsureCapacity(into.Count + times.Length);
        for (var i = 0; i < times.Length; i++)
            into.Add(new Point(times[i], values[i]));
    }

    private static int UnitOf(ReadOnlySpan<Point> points)
    {
        var unit = 0;
        foreach (var point in points)
        {
            while (point.At % Units[unit] != 0)
                unit++;
        }

        return unit;
    }
}
