using System.Text.Json;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>What InfluxDB said to a write. Every answer means one of these, and each asks for something else.</summary>
internal abstract record WriteAnswer
{
    private WriteAnswer()
    {
    }

    /// <summary>All of it is stored.</summary>
    public sealed record Written : WriteAnswer;

    /// <summary>The good lines are stored, these are not and never will be. Version 3 names the lines, 1.x only counts them.</summary>
    public sealed record PartlyRejected(int Points, string Reason, IReadOnlyList<LineError> Lines) : WriteAnswer;

    /// <summary>Nothing is stored because some line is bad; which one is for the sender to find.</summary>
    public sealed record BadLines(string Reason) : WriteAnswer;

    /// <summary>Send less at once.</summary>
    public sealed record TooLarge : WriteAnswer;

    /// <summary>The database does not exist.</summary>
    public sealed record DatabaseMissing(string Reason) : WriteAnswer;

    /// <summary>Not these credentials, or not this way: nothing about the points, and trying again helps once a person has acted.</summary>
    public sealed record Refused(string Reason) : WriteAnswer;

    /// <summary>Not now.</summary>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter) : WriteAnswer;
}

/// <summary>A line that the server names as bad.</summary>
/// <param name="Line">Counted from 0.</param>
/// <param name="Reason">In its words.</param>
internal readonly record struct LineError(int Line, string Reason);

/// <summary>What InfluxDB said to a query.</summary>
internal abstract record QueryAnswer
{
    private QueryAnswer()
    {
    }

    public sealed record Rows(IReadOnlyList<QuerySeries> Series) : QueryAnswer;

    public sealed record DatabaseMissing(string Reason) : QueryAnswer;

    public sealed record Failed(string Reason) : QueryAnswer;
}

/// <summary>A table of an answer.</summary>
/// <param name="Name">The measurement.</param>
/// <param name="Tags">What it was grouped by.</param>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Values">Rows, each an array as long as <paramref name="Columns"/>.</param>
internal sealed record QuerySeries(string Name, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Columns, IReadOnlyList<JsonElement> Values);
