namespace CareHub.Storage.Telemetry.Embedded.Packing;

internal static class Points
{
    /// <summary>Two series in order of time as one; where both have a time, the rows are the newer word.</summary>
    public static List<Point> Merge(List<Point> packed, List<Point> rows)
    {
        if (packed.Count == 0)
            return rows;
        var merged = new List<Point>(packed.Count + rows.Count);
        var (p, r) = (0, 0);
        while (p < packed.Count || r < rows.Count)
        {
            var order = p == packed.Count ? 1 : r == rows.Count ? -1 : packed[p].At.CompareTo(rows[r].At);
            merged.Add(order < 0 ? packed[p] : rows[r]);
            if (order <= 0)
                p++;
            if (order >= 0)
                r++;
        }

        return merged;
    }
}
