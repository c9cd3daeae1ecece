using System.Globalization;

namespace CareHub.Server.Api;

/// <summary>From when to when somebody asks: half open, bounded.</summary>
internal readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To)
{
    private static readonly TimeSpan LengthMax = TimeSpan.FromDays(10 * 366);

    public TimeSpan Length => To - From;

    /// <summary>Reads <c>from</c> and <c>to</c>; without them the last day. What is wrong is added to the errors.</summary>
    public static TimeRange Read(string? from, string? to, DateTimeOffset now, List<string> errors, TimeSpan? longest = null)
    {
        var until = TimeOf("to", to, now, errors);
        var since = TimeOf("from", from, until.AddDays(-1), errors);
        var range = new TimeRange(since, until);
        if (errors.Count == 0 && range.Length <= TimeSpan.Zero)
        {
            errors.Add("'from' must be before 'to'");
        }
        else if (errors.Count == 0 && range.Length > (longest ?? LengthMax))
        {
            errors.Add($"'from' to 'to' may span {(longest ?? LengthMax).TotalDays:0} days");
        }

        return range;
    }

    private static DateTimeOffset TimeOf(string name, string? text, DateTimeOffset otherwise, List<string> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        // A year that leaves no room for a window around it is no time anybody measured at.
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time.Year is >= 1970 and <= 9000)
        {
            return time;
        }

        errors.Add($"'{name}' must be an ISO 8601 time such as 2026-11-22T03:04:05Z (a '+' in it is written %2B)");
        return otherwise;
    }
}
