using System.Collections.Immutable;

namespace CareHub.Core.Health;

/// <summary>
/// How long a person is usually still, by hour of the day: for each local hour the second longest silence (in whole hours)
/// at that hour over the last four weeks. The longest is left out: it may be the one that this is there to find.
/// </summary>
/// <param name="Days">Days from the first movement that is known, at most those of four weeks.</param>
/// <param name="UsualQuietHours">By local hour.</param>
internal sealed record ActivityPattern(int Days, ImmutableArray<int> UsualQuietHours)
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(28);

    public static ActivityPattern Unknown { get; } = new(0, [.. new int[24]]);

    /// <param name="activeHours">Hours in which something moved, counted from 1970 UTC, in order.</param>
    /// <param name="now">The hour that now runs is not judged yet.</param>
    /// <param name="zone">Where the person lives by the clock.</param>
    public static ActivityPattern Learn(IReadOnlyList<long> activeHours, DateTimeOffset now, TimeZoneInfo zone)
    {
        var end = HourOf(now);
        var begin = Math.Max(end - (long)Memory.TotalHours, activeHours.Count > 0 ? activeHours[0] : end);
        var (longest, second) = (new int[24], new int[24]);
        var (quiet, next) = (0, 0);
        for (var hour = begin; hour < end; hour++)
        {
            while (next < activeHours.Count && activeHours[next] < hour)
            {
                next++;
            }

            quiet = next < activeHours.Count && activeHours[next] == hour ? 0 : quiet + 1;
            var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(hour * 3_600), zone).Hour;
            if (quiet > longest[local])
            {
                (longest[local], second[local]) = (quiet, longest[local]);
            }
            else if (quiet > second[local])
            {
                second[local] = quiet;
            }
        }

        return new ActivityPattern((int)((end - begin) / 24), [.. second]);
    }

    /// <summary>
    /// The silence that is too long at a time: (usual + 1 h) × factor, within the rule's bounds. Usual is the longer of this
    /// hour's and the last one's: who is up by eight as a rule has at ten past seven been still since the evening. The hour
    /// more is what a silence may have grown since the last hour ended.
    /// </summary>
    public TimeSpan LimitAt(DateTimeOffset now, InactivityRule rule, TimeZoneInfo zone)
    {
        if (Days < rule.LearnDays)
        {
            return rule.Fixed;
        }

        var hour = TimeZoneInfo.ConvertTime(now, zone).Hour;
        var usual = TimeSpan.FromHours((Math.Max(UsualQuietHours[hour], UsualQuietHours[(hour + 23) % 24]) + 1) * rule.Factor);
        return usual < rule.AtLeast ? rule.AtLeast : usual > rule.AtMost ? rule.AtMost : usual;
    }

    public static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3_600;
}
