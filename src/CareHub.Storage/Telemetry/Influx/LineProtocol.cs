using System.Buffers;
using System.Globalization;
using System.Text;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>
/// InfluxDB line protocol: <c>measurement,tag=value field=1.5 1700000000000000000</c>.
/// https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
/// </summary>
/// <remarks>
/// Names and tags have no general escape: a comma, a space and (in tags and field names) an equals sign take a
/// backslash, and every other backslash stands for itself. So a backslash right before one of those, or at the end,
/// cannot be written at all, and neither can a line break. (Before a quotation mark 1.x stores it and then cannot find
/// the measurement again.) Such a point is refused with a reason rather than stored under another name. Text fields
/// are quoted and hold anything.
/// </remarks>
internal static class LineProtocol
{
    /// <summary>InfluxDB's range of times in nanoseconds since 1970; the two lowest values and the highest are its own.</summary>
    public const long UnixNsMin = long.MinValue + 2;

    /// <inheritdoc cref="UnixNsMin"/>
    public const long UnixNsMax = long.MaxValue - 1;

    private static readonly SearchValues<char> InMeasurement = SearchValues.Create(", ");
    private static readonly SearchValues<char> InKey = SearchValues.Create(",= ");
    private static readonly SearchValues<char> NotAfterBackslash = SearchValues.Create(",= \"");
    private static readonly SearchValues<char> InText = SearchValues.Create("\"\\");
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Appends one line with its line feed; or appends nothing and returns why the point cannot be written.</summary>
    /// <param name="output">Where the line goes.</param>
    /// <param name="measurement">Name of the measurement.</param>
    /// <param name="tags">In order of key, which is what the server wants for speed. An empty value leaves the tag out: a missing tag and an empty one are the same to InfluxDB.</param>
    /// <param name="fields">At least one.</param>
    /// <param name="unixNs">Nanoseconds since 1970.</param>
    public static string? Append(IBufferWriter<byte> output, string measurement, ReadOnlySpan<Tag> tags, ReadOnlySpan<Field> fields, long unixNs)
    {
        if ((RefuseHead(measurement, tags) ?? RefuseFields(fields, unixNs)) is { } reason)
            return reason;

        WriteHead(output, measurement, tags);
        var separator = " "u8;
        foreach (var field in fields)
        {
            output.Write(separator);
            separator = ","u8;
            WriteEscaped(output, field.Key, InKey);
            output.Write("="u8);
            WriteValue(output, field);
        }

        output.Write(" "u8);
        WriteInteger(output, unixNs);
        output.Write("\n"u8);
        return null;
    }

    /// <summary>
    /// The part that all points of a series with one float field have in common, up to the equals sign; or why there is none.
    /// </summary>
    public static string? AppendHead(IBufferWriter<byte> output, string measurement, ReadOnlySpan<Tag> tags, string field)
    {
        if ((RefuseHead(measurement, tags) ?? RefuseName(field)) is { } reason)
            return reason;
        WriteHead(output, measurement, tags);
        output.Write(" "u8);
        WriteEscaped(output, field, InKey);
        output.Write("="u8);
        return null;
    }

    /// <summary>A line from what <see cref="AppendHead"/> made. Value and time are the caller's to have checked.</summary>
    public static void AppendLine(IBufferWriter<byte> output, ReadOnlySpan<byte> head, double value, long unixNs)
    {
        const int NumbersBytesMax = 32 + 1 + 20 + 1;
        var span = output.GetSpan(head.Length + NumbersBytesMax);
        head.CopyTo(span);
        var at = head.Length;
        // Whole numbers are most of them, and a number without a fraction is the quicker one to write.
        var whole = (long)value;
        int written;
        if (whole == value && Math.Abs(value) < 1e15 && (whole != 0 || !double.IsNegative(value)))
            whole.TryFormat(span[at..], out written, provider: CultureInfo.InvariantCulture);
        else
            value.TryFormat(span[at..], out written, provider: CultureInfo.InvariantCulture);
        at += written;
        span[at++] = (byte)' ';
        unixNs.TryFormat(span[at..], out written, provider: CultureInfo.InvariantCulture);
        at += written;
        span[at++] = (byte)'\n';
        output.Advance(at);
    }

    private static void WriteHead(IBufferWriter<byte> output, string measurement, ReadOnlySpan<Tag> tags)
    {
        WriteEscaped(output, measurement, InMeasurement);
        foreach (var tag in tags)
        {
            if (tag.Value.Length == 0)
                continue;
            output.Write(","u8);
            WriteEscaped(output, tag.Key, InKey);
            output.Write("="u8);
            WriteEscaped(output, tag.Value, InKey);
        }
    }

    private static string? RefuseHead(string measurement, ReadOnlySpan<Tag> tags)
    {
        if (RefuseName(measurement) is { } inMeasurement)
            return $"measurement {inMeasurement}";
        if (measurement[0] == '#')
            return "measurement begins with '#', which makes the line a comment";
        foreach (var tag in tags)
        {
            if ((RefuseName(tag.Key) ?? RefuseReserved(tag.Key)) is { } inKey)
                return $"tag key {inKey}";
            if (tag.Value.Length > 0 && RefuseName(tag.Value) is { } inValue)
                return $"tag {tag.Key} {inValue}";
        }

        return null;
    }

    private static string? RefuseFields(ReadOnlySpan<Field> fields, long unixNs)
    {
        if (fields.IsEmpty)
            return "no fields";
        foreach (var field in fields)
        {
            if ((RefuseName(field.Key) ?? RefuseReserved(field.Key)) is { } inKey)
                return $"field key {inKey}";
            if (field.Kind == FieldKind.Float && !double.IsFinite(field.Number))
                return $"field {field.Key} is not a finite number";
            if (field.Kind == FieldKind.Text && !IsUnicode(field.Content))
                return $"field {field.Key} is not valid Unicode";
        }

        return unixNs is < UnixNsMin or > UnixNsMax ? "time is outside InfluxDB's range (years 1677 to 2262)" : null;
    }

    private static string? RefuseName(string name)
    {
        if (name.Length == 0)
            return "is empty";
        if (name.AsSpan().ContainsAnyInRange('\0', '\x1F') || name.Contains('\x7F', StringComparison.Ordinal))
            return "holds a control character";
        if (!IsUnicode(name))
            return "is not valid Unicode";
        for (var i = name.IndexOf('\\', StringComparison.Ordinal); i >= 0; i = name.IndexOf('\\', i + 1))
        {
            if (i == name.Length - 1)
                return "ends with a backslash";
            if (NotAfterBackslash.Contains(name[i + 1]))
                return $"holds a backslash before '{name[i + 1]}'";
        }

        return null;
    }

    private static string? RefuseReserved(string key) => key == "time" ? "is 'time', which InfluxDB keeps for itself" : null;

    /// <summary>Half a surrogate pair has no UTF-8 form.</summary>
    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    private static void WriteValue(IBufferWriter<byte> output, in Field field)
    {
        switch (field.Kind)
        {
            case FieldKind.Float:
                // 32 bytes hold the longest shortest-round-trip double.
                field.Number.TryFormat(output.GetSpan(32), out var written, provider: CultureInfo.InvariantCulture);
                output.Advance(written);
                break;
            case FieldKind.Integer:
                WriteInteger(output, field.Whole);
                output.Write("i"u8);
                break;
            case FieldKind.Boolean:
                output.Write(field.Whole != 0 ? "true"u8 : "false"u8);
                break;
            case FieldKind.Text:
                output.Write("\""u8);
                WriteEscaped(output, field.Content, InText);
                output.Write("\""u8);
                break;
        }
    }

    private static void WriteInteger(IBufferWriter<byte> output, long value)
    {
        value.TryFormat(output.GetSpan(20), out var written, provider: CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<char> text, SearchValues<char> special)
    {
        while (true)
        {
            var next = text.IndexOfAny(special);
            Utf8.GetBytes(next < 0 ? text : text[..next], output);
            if (next < 0)
                return;
            output.Write([(byte)'\\', (byte)text[next]]);
            text = text[(next + 1)..];
        }
    }
}

/// <summary>An indexed dimension of a point.</summary>
internal readonly record struct Tag(string Key, string Value);

internal enum FieldKind
{
    Float,
    Integer,
    Boolean,
    Text,
}

/// <summary>A value of a point. The type of a field is fixed by its first point on the server.</summary>
internal readonly record struct Field
{
    private Field(string key, FieldKind kind, double number, long whole, string content)
    {
        Key = key;
        Kind = kind;
        Number = number;
        Whole = whole;
        Content = content;
    }

    public string Key { get; }

    public FieldKind Kind { get; }

    public double Number { get; }

    public long Whole { get; }

    public string Content { get; }

    public static Field Float(string key, double value) => new(key, FieldKind.Float, value, 0, "");

    public static Field Integer(string key, long value) => new(key, FieldKind.Integer, 0, value, "");

    public static Field Boolean(string key, bool value) => new(key, FieldKind.Boolean, 0, value ? 1 : 0, "");

    public static Field Text(string key, string value) => new(key, FieldKind.Text, 0, 0, value);
}
