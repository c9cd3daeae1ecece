using System.Runtime.InteropServices;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>Brings readings into the order of a batch. Of two with one series and time the later word counts.</summary>
internal static class FreshOrder
{
    /// <summary>
    /// Sorts readings as they were handed over. They mostly come series by series and each in order of time, so runs are moved
    /// as they are, and only what is out of order is sorted.
    /// </summary>
    public static List<FreshPoint> Of(List<FreshPoint> points)
    {
        var runs = RunsOf(points);
        runs.Sort(static (a, b) => a.Series != b.Series ? a.Series.CompareTo(b.Series) : a.From.CompareTo(b.From));
        var ordered = new List<FreshPoint>(points.Count);
        var all = CollectionsMarshal.AsSpan(points);
        for (var i = 0; i < runs.Count;)
        {
            var from = ordered.Count;
            for (var series = runs[i].Series; i < runs.Count && runs[i].Series == series; i++)
                ordered.AddRange(all.Slice(runs[i].From, runs[i].Count));
            Settle(ordered, from);
        }

        return ordered;
    }

    /// <summary>Two batches as one.</summary>
    public static List<FreshPoint> Merge(List<FreshPoint> older, List<FreshPoint> newer)
    {
        var merged = new List<FreshPoint>(older.Count + newer.Count);
        var (o, n) = (0, 0);
        while (o < older.Count && n < newer.Count)
        {
            if (older[o].IsBefore(newer[n]))
            {
                merged.Add(older[o++]);
                continue;
            }

            if (!newer[n].IsBefore(older[o]))
                o++;
            merged.Add(newer[n++]);
        }

        merged.AddRange(CollectionsMarshal.AsSpan(older)[o..]);
        merged.AddRange(CollectionsMarshal.AsSpan(newer)[n..]);
        return merged;
    }

    private static List<(long Series, int From, int Count)> RunsOf(List<FreshPoint> points)
    {
        var runs = new List<(long, int, int)>();
        for (var from = 0; from < points.Count;)
        {
            var to = from + 1;
            while (to < points.Count && points[to].Series == points[from].Series)
                to++;
            runs.Add((points[from].Series, from, to - from));
            from = to;
        }

        return runs;
    }

    /// <summary>The readings of one series, from an index to the end, in order of time and each time once.</summary>
    private static void Settle(List<FreshPoint> points, int from)
    {
        var isInOrder = true;
        for (var i = from + 1; i < points.Count && isInOrder; i++)
            isInOrder = points[i - 1].At < points[i].At;
        if (isInOrder)
            return;

        // Stable: of one time the last that was handed over is last.
        var sorted = points.Slice(from, points.Count - from).OrderBy(static point => point.At).ToList();
        points.RemoveRange(from, points.Count - from);
        for (var i = 0; i < sorted.Count; i++)
        {
            if (i == sorted.Count - 1 || sorted[i].At != sorted[i + 1].At)
                points.Add(sorted[i]);
        }
    }
}
