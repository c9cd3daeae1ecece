using System.Text.RegularExpressions;

namespace CareHub.Server.Tests.Metrics;

/// <summary>Enough of the query language to say which metrics an expression names.</summary>
internal static partial class PromQl
{
    public static IEnumerable<string> MetricsOf(string expression) => Word()
        .Matches(Grouping().Replace(Braces().Replace(Quoted().Replace(expression, "\"\""), ""), " "))
        .Select(match => match.Value)
        .Where(word => word.Contains('_', StringComparison.Ordinal) && word is not "histogram_quantile" || word == "up")
        .Distinct();

    /// <summary>Whether a scrape has it; <c>up</c> is Prometheus' own.</summary>
    public static bool Exists(string name, IReadOnlyDictionary<string, string> families) =>
        name == "up" || families.ContainsKey(name)
        || new[] { "_bucket", "_sum", "_count" }.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal) && families.GetValueOrDefault(name[..^suffix.Length]) == "histogram");

    [GeneratedRegex("[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Word();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Grouping();
}
