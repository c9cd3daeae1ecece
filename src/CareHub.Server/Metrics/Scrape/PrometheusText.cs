using System.Globalization;
using System.Text;

namespace CareHub.Server.Metrics.Scrape;

/// <summary>
/// Prometheus' text format 0.0.4, with names made from OpenTelemetry's as its Prometheus specification says: dots become
/// underscores, units are spelt out at the end, counters end in <c>_total</c>. A metric that has measured nothing yet is declared
/// all the same, so that whoever writes an alert can see its name.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<InstrumentSeries> instruments)
    {
        var text = new StringBuilder(32 * 1024);
        foreach (var (name, series) in instruments.Select(series => (Name: NameOf(series), series)).OrderBy(pair => pair.Name, StringComparer.Ordinal))
        {
            Write(text, name, series);
        }

        return text.ToString();
    }

    internal static string NameOf(InstrumentSeries series)
    {
        var name = new StringBuilder(64);
        foreach (var character in series.Instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        }

        Suffix(series.Instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" });
        Suffix(series.Kind == SeriesKind.Counter ? "_total" : "");
        return name.ToString();

        void Suffix(string suffix)
        {
            if (!name.ToString().EndsWith(suffix, StringComparison.Ordinal))
            {
                name.Append(suffix);
            }
        }
    }

    private static void Write(StringBuilder text, string name, InstrumentSeries instrument)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append((instrument.Instrument.Description ?? "").Replace(@"\", @"\\").Replace("\n", @"\n")).Append('\n');
        text.Append("# TYPE ").Append(name).Append(instrument.Kind switch { SeriesKind.Counter => " counter\n", SeriesKind.Histogram => " histogram\n", _ => " gauge\n" });
        foreach (var series in instrument.All)
        {
            if (instrument.Kind == SeriesKind.Histogram)
            {
                WriteHistogram(text, name, series, instrument.Bounds);
            }
            else
            {
                Line(text, name, "", series, null, series.Value);
            }
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, Series series, IReadOnlyList<double> bounds)
    {
        var count = 0L;
        for (var index = 0; index <= bounds.Count; index++)
        {
            count += series.Bucket(index);
            Line(text, name, "_bucket", series, index == bounds.Count ? "+Inf" : Number(bounds[index]), count);
        }

        Line(text, name, "_sum", series, null, series.Value);
        Line(text, name, "_count", series, null, count);
    }

    private static void Line(StringBuilder text, string name, string suffix, Series series, string? upTo, double value)
    {
        text.Append(name).Append(suffix);
        var separator = '{';
        foreach (var (label, word) in series.Tags)
        {
            Label(label.Replace('.', '_'), Convert.ToString(word, CultureInfo.InvariantCulture) ?? "");
        }

        if (upTo is not null)
        {
            Label("le", upTo);
        }

        text.Append(separator == ',' ? "} " : " ").Append(Number(value)).Append('\n');

        void Label(string label, string word)
        {
            text.Append(separator).Append(label).Append("=\"").Append(word.Replace(@"\", @"\\").Replace("\"", "\\\"").Replace("\n", @"\n")).Append('"');
            separator = ',';
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
