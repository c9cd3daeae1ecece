using System.Text.RegularExpressions;

namespace CareHub.Architecture.Tests;

/// <summary>What the documents name must exist: paths, links and make targets.</summary>
public sealed partial class DocumentationTests
{
    public static TheoryData<string> Documents => [.. Files("*.md").Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_and_links_lead_somewhere(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        var missing = Link().Matches(text).Select(match => Path.Combine(folder, match.Groups["path"].Value))
            .Concat(CodePath().Matches(text).Select(match => Path.Combine(Repository.Root, match.Groups["path"].Value)))
            .Where(path => !File.Exists(path) && !Directory.Exists(path))
            .ToList();
        Assert.True(missing.Count == 0, $"{document} names what is not there: {string.Join(", ", missing)}");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Make_targets_exist(string document)
    {
        var makefile = File.ReadAllText(Path.Combine(Repository.Root, "Makefile"));
        foreach (Match target in MakeTarget().Matches(File.ReadAllText(Path.Combine(Repository.Root, document))))
        {
            Assert.Contains($"\n{target.Groups["name"].Value}:", makefile, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Files(string pattern) =>
        Directory.GetFiles(Repository.Root, pattern).Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), pattern, SearchOption.AllDirectories));

    /// <summary>Relative links of Markdown.</summary>
    [GeneratedRegex(@"\]\((?!https?:|#|mailto:)(?<path>[^)#\s]+)")]
    private static partial Regex Link();

    /// <summary>`src/…`, `tests/…` and the like in backticks, without wildcards or line numbers.</summary>
    [GeneratedRegex(@"`(?<path>(?:src|tests|docs|firmware-sim|bench|build)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex CodePath();

    [GeneratedRegex(@"`make (?<name>[a-z-]+)")]
    private static partial Regex MakeTarget();
}
