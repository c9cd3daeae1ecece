using System.Globalization;

namespace CareHub.Server.Notifications;

/// <summary>When somebody is on duty: days of the week and hours, local time. A shift over midnight belongs to the day it begins on.</summary>
internal sealed record DutyHours(IReadOnlyList<DayOfWeek> Days, TimeOnly From, TimeOnly To)
{
    /// <summary>Whoever has no hours is always on duty.</summary>
    public static readonly DutyHours Always = new(Enum.GetValues<DayOfWeek>(), TimeOnly.MinValue, TimeOnly.MinValue);

    /// <summary>Of the week, from Monday on.</summary>
    private static readonly string[] Names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <param name="days"><c>mon-fri</c>, <c>sat,sun</c>; empty for every day.</param>
    /// <param name="hours"><c>08:00-18:00</c>, <c>18:00-08:00</c>; empty for the whole day.</param>
    public static DutyHours? Parse(string days, string hours, List<string> errors)
    {
        var parsedDays = ParseDays(days, errors);
        var (from, to) = (TimeOnly.MinValue, TimeOnly.MinValue);
        if (hours.Length > 0)
        {
            var ends = hours.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length != 2 || !TryTime(ends[0], out from) || !TryTime(ends[1], out to) || from == to)
            {
                errors.Add($"Hours: '{hours}' is not like 08:00-18:00");
            }
        }

        return errors.Count == 0 ? new(parsedDays, from, to) : null;
    }

    public bool Covers(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        return From == To ? Days.Contains(local.DayOfWeek)
            : From < To ? Days.Contains(local.DayOfWeek) && time >= From && time < To
            : time >= From ? Days.Contains(local.DayOfWeek)
            : time < To && Days.Contains(local.AddDays(-1).DayOfWeek);
    }

    private static List<DayOfWeek> ParseDays(string days, List<string> errors)
    {
        var found = new List<DayOfWeek>();
        foreach (var part in days.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.ToLowerInvariant().Split('-', StringSplitOptions.TrimEntries);
            var (first, last) = (Array.IndexOf(Names, ends[0]), Array.IndexOf(Names, ends[^1]));
            if (ends.Length > 2 || first < 0 || last < 0)
            {
                errors.Add($"Days: '{part}' is not a day or a span of days: {string.Join(", ", Names)}, mon-fri");
                continue;
            }

            for (var day = first; ; day = (day + 1) % Names.Length)
            {
                found.Add((DayOfWeek)((day + 1) % Names.Length));
                if (day == last)
                {
                    break;
                }
            }
        }

        return found.Count > 0 ? found : [.. Always.Days];
    }

    private static bool TryTime(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
