using System.Globalization;
using System.Text.RegularExpressions;

namespace CareHub.Server.Tests.Metrics;

/// <summary>Prometheus' text format, read as strictly as Prometheus reads it.</summary>
internal sealed partial class ScrapedText
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private ScrapedText(string text)
    {
        string? family = null;
        foreach (var line in text.Split('\n').SkipLast(1))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                continue;
            }

            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                family = parts[2];
                Assert.Contains(parts[3], new[] { "counter", "gauge", "histogram" });
                Assert.True(Families.TryAdd(family, parts[3]), $"{family} is declared twice");
                continue;
            }

            var sample = SampleLine().Match(line);
            Assert.True(sample.Success, $"not a sample: {line}");
            Assert.StartsWith(family!, sample.Groups["name"].Value, StringComparison.Ordinal);
            Assert.True(_samples.TryAdd(sample.Groups["series"].Value, Number(sample.Groups["value"].Value)), $"twice: {line}");
        }
    }

    /// <summary>Name and type.</summary>
    public Dictionary<string, string> Families { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>A series as it is written: <c>carehub_alarms_open{state="unacknowledged",priority="critical"}</c>; 0 when it is not there.</summary>
    public double this[string series] => _samples.GetValueOrDefault(series);

    public static ScrapedText Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return new ScrapedText(text);
    }

    private static double Number(string text) => text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*\})?) (?<value>[-+0-9.eE]+|\+Inf|NaN)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex SampleLine();
}
