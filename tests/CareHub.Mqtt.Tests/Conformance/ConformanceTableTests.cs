using System.Reflection;
using System.Text.RegularExpressions;

namespace CareHub.Mqtt.Tests.Conformance;

/// <summary>docs/mqtt-conformance.md against the tests it names.</summary>
public sealed class ConformanceTableTests
{
    [Fact]
    public void Every_test_that_the_table_names_exists()
    {
        var table = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "mqtt-conformance.md"));
        var tests = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(type => type.GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null).Select(m => $"{type.Name}.{m.Name}"))
            .ToHashSet();
        var named = Regex.Matches(table, @"`(?<test>\w+(Tests|Fuzz)\.\w+)`", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => m.Groups["test"].Value).Distinct().ToList();
        Assert.True(named.Count > 80);
        Assert.DoesNotContain(named, name => !tests.Contains(name));
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "CareHub.sln")))
        {
            directory = directory.Parent;
        }

        return directory.FullName;
    }
}
