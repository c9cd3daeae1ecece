using System.Text.RegularExpressions;
using CareHub.Server.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace CareHub.Server.Tests.Metrics;

/// <summary>The alerts that ship speak of metrics that exist, and each says what to do.</summary>
public sealed partial class AlertRulesTests
{
    private const string Rules = "deploy/prometheus/alerts.yml";

    [Fact]
    public async Task Every_metric_that_an_alert_names_is_in_a_scrape_of_a_running_hub()
    {
        await using var hub = await TestHub.StartAsync(configure: MetricsTests.Allow);
        var families = (await MetricsTests.ScrapeAsync(hub)).Families;

        foreach (var (alert, expression, _) in Alerts())
        {
            var names = PromQl.MetricsOf(expression).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(PromQl.Exists(name, families), $"{alert} names {name}, which the hub does not have"));
        }
    }

    /// <summary>A label's value that never occurs makes an alert that never fires.</summary>
    [Fact]
    public void Every_word_that_an_alert_matches_is_one_that_the_metric_has()
    {
        var documented = RepositoryFile.TableRows("docs/metrics.md").ToDictionary(row => row[0].Trim('`'), row => row[2], StringComparer.Ordinal);
        foreach (var (alert, expression, _) in Alerts())
        {
            foreach (Match selector in Selector().Matches(expression))
            {
                var labels = documented.FirstOrDefault(row => selector.Groups["name"].Value.StartsWith(row.Key, StringComparison.Ordinal)).Value;
                foreach (Match matcher in Matcher().Matches(selector.Groups["labels"].Value).Where(matcher => labels is not null && matcher.Groups["label"].Value != "le"))
                {
                    Assert.True(labels!.Contains($"`{matcher.Groups["label"].Value}`", StringComparison.Ordinal), $"{alert}: {selector.Value}");
                    Assert.All(
                        matcher.Groups["words"].Value.Split('|').Where(_ => labels.Contains(':', StringComparison.Ordinal)),
                        word => Assert.True(labels.Contains($"`{word}`", StringComparison.Ordinal), $"{alert}: {word} is not among {labels}"));
                }
            }
        }
    }

    [Fact]
    public void Every_alert_has_a_severity_a_meaning_and_something_to_do()
    {
        var documented = RepositoryFile.TableRows("docs/alerts.md").ToDictionary(row => row[0].Trim('`'), row => row, StringComparer.Ordinal);
        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), Alerts().Select(alert => alert.Name).Order(StringComparer.Ordinal));
        Assert.All(Alerts(), alert => Assert.Equal(documented[alert.Name][1], alert.Severity));
        Assert.All(documented.Values, row => Assert.True(row[2].Length > 20 && row[3].Length > 3, $"{row[0]} says too little"));
    }

    [Fact]
    public async Task Prometheus_own_tool_accepts_rules_and_configuration_and_the_rules_fire()
    {
        foreach (var arguments in new[]
        {
            new[] { "check", "rules", Rules },
            ["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"],
            ["test", "rules", "deploy/prometheus/alerts_test.yml"],
        })
        {
            var (exit, output) = await Promtool.RunAsync(null, [.. arguments[..^1], RepositoryFile.PathOf(arguments[^1])]);
            Assert.True(exit == 0, output);
        }
    }

    private static IEnumerable<(string Name, string Expression, string Severity)> Alerts()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(RepositoryFile.Read(Rules)));
        return
        [
            .. from @group in (YamlSequenceNode)yaml.Documents[0].RootNode["groups"]
               from rule in (YamlSequenceNode)@group["rules"]
               select ((string)rule["alert"]!, (string)rule["expr"]!, (string)rule["labels"]["severity"]!),
        ];
    }

    [GeneratedRegex("""(?<name>carehub_[a-z_]+)\{(?<labels>[^}]*)\}""", RegexOptions.ExplicitCapture)]
    private static partial Regex Selector();

    [GeneratedRegex("(?<label>[a-z_]+)(=~|!~|!=|=)\"(?<words>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Matcher();
}
