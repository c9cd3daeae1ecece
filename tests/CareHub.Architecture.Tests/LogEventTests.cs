using System.Text.RegularExpressions;

namespace CareHub.Architecture.Tests;

/// <summary>Event ids are an interface: alerts and people's searches hang on them.</summary>
public sealed partial class LogEventTests
{
    private static readonly List<(string Id, string Level, string Text, string File)> Events = [.. Directory
        .GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .SelectMany(file => Event().Matches(File.ReadAllText(file)).Select(match => (match.Groups["id"].Value, match.Groups["level"].Value.ToUpperInvariant(), match.Groups["text"].Value, Path.GetFileName(file))))];

    [Fact]
    public void Every_log_method_is_found_here()
    {
        var written = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Sum(file => Attribute().Count(File.ReadAllText(file)));
        Assert.NotEqual(0, written);
        Assert.Equal(written, Events.Count);
    }

    [Fact]
    public void No_id_is_used_twice() =>
        Assert.Empty(Events.GroupBy(each => each.Id, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(each => each.File))}"));

    [Fact]
    public void The_document_lists_every_event_as_it_is_written_and_what_to_do_about_it()
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs/events.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToDictionary(cells => cells[0].Trim('`'), StringComparer.Ordinal);
        Assert.Equal(Events.Select(each => each.Id).Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(Events, each => Assert.Equal((each.Level, each.Text), (rows[each.Id][1].ToUpperInvariant(), rows[each.Id][2])));
        Assert.All(Events.Where(each => each.Level is "WARNING" or "ERROR" or "CRITICAL"), each => Assert.NotEqual("", rows[each.Id][3]));
    }

    [GeneratedRegex(@"\[LoggerMessage\(")]
    private static partial Regex Attribute();

    [GeneratedRegex("LoggerMessage\\((?<id>\\d+), LogLevel\\.(?<level>\\w+), \"(?<text>[^\"]*)\"")]
    private static partial Regex Event();
}
