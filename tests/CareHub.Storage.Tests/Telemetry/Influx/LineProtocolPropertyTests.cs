using System.Buffers;
using System.Text;
using System.Text.Json;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Tests.Telemetry.Support;
using FsCheck;
using FsCheck.Fluent;

namespace CareHub.Storage.Tests.Telemetry.Influx;

/// <summary>
/// Whatever line protocol can express arrives as it left; whatever it cannot is refused here rather than by the server.
/// First against a small parser of the published grammar, then a sample against a real InfluxDB.
/// </summary>
[Collection(SharedInfluxd.Name)]
public sealed class LineProtocolPropertyTests(InfluxdProcess influxd)
{
    /// <summary>Characters that mean something somewhere, and some that are long in UTF-8.</summary>
    private static readonly string[] Legal = ["a", "B", "7", " ", ",", "=", "\"", "'", "\\a", "\\\\7", "\\é", "#", "é", "杭", "😀", "\u2028", "-", "_", "%", "~"];

    private static readonly string[] Suspect = ["\\", "\\\"", "\\=", "\n", "\r", "\t", "\0", "\uD800", "\uDC00", "\u007F"];

    private static readonly Gen<string> Name = TextOf(Gen.Frequency((40, Gen.Elements(Legal)), (1, Gen.Elements(Suspect))));

    private static readonly Gen<string> Text = TextOf(Gen.Elements([.. Legal, "\\", "\n", "\r", "\t", "\u007F"]));

    private static readonly Gen<double> Number = Gen.OneOf(
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite),
        Gen.Elements(0.0, -0.0, double.Epsilon, double.MaxValue, double.MinValue, 1e21, 1e-7, 1.0 / 3));

    private static readonly Gen<Point> Points =
        from measurement in Name
        from tagKey in Name
        from tagValue in Name
        from text in Text
        from number in Number
        from whole in ArbMap.Default.GeneratorFor<long>()
        from unixNs in Gen.Choose(int.MinValue, int.MaxValue)
        select new Point(measurement, tagKey, tagValue, text, number, whole, unixNs * 1_000_000_007L);

    [Fact]
    public void What_is_written_parses_back_and_is_one_line() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5_000),
            Prop.ForAll(Points.ToArbitrary(), point =>
            {
                var output = new ArrayBufferWriter<byte>();
                if (Append(output, point) is not null)
                    return output.WrittenCount == 0;
                return ParsedLine.Parse(Encoding.UTF8.GetString(output.WrittenSpan)) == ParsedLine.Of(point);
            }));

    [Fact]
    public void The_quick_way_for_readings_says_the_same_as_the_general_one() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5_000),
            Prop.ForAll(Points.ToArbitrary(), point =>
            {
                var (general, quick) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
                var reason = LineProtocol.Append(general, point.Measurement, [new Tag(point.TagKey, point.TagValue)], [Field.Float("value", point.Number)], point.UnixNs);
                if (LineProtocol.AppendHead(quick, point.Measurement, [new Tag(point.TagKey, point.TagValue)], "value") is { } refused)
                    return refused == reason;
                var head = quick.WrittenSpan.ToArray();
                quick.ResetWrittenCount();
                LineProtocol.AppendLine(quick, head, point.Number, point.UnixNs);
                return quick.WrittenSpan.SequenceEqual(general.WrittenSpan);
            }));

    [Fact]
    public async Task A_real_server_stores_every_line_as_it_was_meant()
    {
        var database = $"lines {Guid.NewGuid():N}";
        using var client = new InfluxClient(influxd.Options(database), TelemetryLimits.Default, TimeProvider.System);
        await client.CreateDatabaseAsync(default);

        // A measurement of its own each (by a running number), so that the query needs no escaping of its own.
        var sample = Points.Sample(150).Select((point, i) => point with { Measurement = $"{point.Measurement}~{i}" }).ToList();
        var accepted = 0;
        foreach (var (point, i) in sample.Select((point, i) => (point, i)))
        {
            var output = new ArrayBufferWriter<byte>();
            if (Append(output, point) is not null)
                continue;
            accepted++;
            Assert.IsType<WriteAnswer.Written>(await client.WriteAsync(output.WrittenMemory, default));

            var rows = await influxd.QueryAsync(database, $"SELECT * FROM /~{i}$/");
            Assert.True(rows.Count == 1, $"{rows.Count} rows for {Encoding.UTF8.GetString(output.WrittenSpan)}");
            var row = rows[0].EnumerateArray().ToList();
            Assert.Equal(point.UnixNs, row[0].GetInt64());
            var values = row.Skip(1).ToList();
            Assert.Contains(values, value => value.ValueKind == JsonValueKind.String && value.GetString() == point.Text);
            Assert.Contains(values, value => value.ValueKind == JsonValueKind.Number && value.GetRawText() == point.Whole.ToString());
            Assert.Contains(values, value => value.ValueKind == JsonValueKind.Number && value.GetDouble().Equals(point.Number + 0.0));
            if (point.TagValue.Length > 0)
                Assert.Contains(values, value => value.ValueKind == JsonValueKind.String && value.GetString() == point.TagValue);
        }

        Assert.InRange(accepted, 20, sample.Count);
        var stored = await influxd.QueryAsync(database, "SHOW MEASUREMENTS");
        Assert.Equal(
            sample.Where(point => Append(new ArrayBufferWriter<byte>(), point) is null).Select(point => point.Measurement).Order(StringComparer.Ordinal),
            stored.Select(row => row[0].GetString()).Order(StringComparer.Ordinal));
    }

    private static Gen<string> TextOf(Gen<string> piece) =>
        from length in Gen.Choose(0, 12)
        from pieces in piece.ArrayOf(length)
        select string.Concat(pieces);

    private static string? Append(ArrayBufferWriter<byte> output, Point point) => LineProtocol.Append(
        output,
        point.Measurement,
        [new Tag(point.TagKey, point.TagValue)],
        [Field.Float("number", point.Number), Field.Text("text", point.Text), Field.Integer("whole", point.Whole)],
        point.UnixNs);

    internal sealed record Point(string Measurement, string TagKey, string TagValue, string Text, double Number, long Whole, long UnixNs);

    /// <summary>A line as a reader of the grammar understands it.</summary>
    private sealed record ParsedLine(string Measurement, string Tag, string Number, string Text, string Whole, string Time)
    {
        public static ParsedLine Of(Point point) => new(
            point.Measurement,
            point.TagValue.Length == 0 ? "" : $"{point.TagKey}\u241F{point.TagValue}",
            $"number\u241F{point.Number:R}",
            $"text\u241F{point.Text}",
            $"whole\u241F{point.Whole}i",
            point.UnixNs.ToString());

        public static ParsedLine Parse(string line)
        {
            var at = 0;
            var measurement = Name(line, ref at, ", ");
            var tag = "";
            if (line[at] == ',')
            {
                at++;
                tag = Name(line, ref at, "=");
                at++;
                tag += "\u241F" + Name(line, ref at, ", ");
            }

            var fields = new List<string>();
            do
            {
                at++;
                var key = Name(line, ref at, "=");
                at++;
                fields.Add(key + "\u241F" + (line[at] == '"' ? Quoted(line, ref at) : Name(line, ref at, ", ")));
            }
            while (line[at] == ',');

            var time = line[(at + 1)..^1];
            return line[^1] == '\n' ? new ParsedLine(measurement, tag, fields[0], fields[1], fields[2], time) : throw new FormatException("no line feed");
        }

        private static string Name(string line, ref int at, string ends)
        {
            var name = new StringBuilder();
            while (!ends.Contains(line[at], StringComparison.Ordinal))
            {
                if (line[at] == '\n')
                    throw new FormatException("line feed in a name");
                if (line[at] == '\\' && line[at + 1] is ',' or '=' or ' ')
                    at++;
                name.Append(line[at++]);
            }

            return name.ToString();
        }

        private static string Quoted(string line, ref int at)
        {
            var text = new StringBuilder();
            for (at++; line[at] != '"'; at++)
            {
                if (line[at] == '\\')
                    at++;
                text.Append(line[at]);
            }

            at++;
            return text.ToString();
        }
    }
}
