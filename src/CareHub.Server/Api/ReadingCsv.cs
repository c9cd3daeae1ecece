using System.Globalization;
using System.Text;
using CareHub.Core.Telemetry;

namespace CareHub.Server.Api;

/// <summary>
/// Readings as RFC 4180: UTF-8, a header, CRLF. Written a few hours at a time as they are read, so that
/// a year of them takes no more memory than those.
/// </summary>
internal static class ReadingCsv
{
    public const string ContentType = "text/csv; charset=utf-8; header=present";
    private static readonly TimeSpan Slice = TimeSpan.FromHours(6);

    /// <summary>Readings of one slice; a slice with more is halved, so none is left out.</summary>
    private const int SliceReadingsMax = 200_000;

    public static string FileName(string deviceId, TimeRange range) =>
        $"{string.Concat(deviceId.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'))}_{range.From:yyyyMMddTHHmm}_{range.To:yyyyMMddTHHmm}.csv";

    public static async Task WriteAsync(Stream body, ITelemetryStore telemetry, string deviceId, IReadOnlyList<string> names, TimeRange range, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
        await writer.WriteAsync("device,name,unit,at,value\r\n");
        foreach (var name in names)
        {
            // A cell of numbers needs no guard; the texts are somebody's words.
            var row = $"{Cell(deviceId)},{Cell(name)},{Cell(ReadingNames.UnitOf(name) ?? "")},";
            for (var from = range.From; from < range.To; from += Slice)
            {
                await WriteAsync(writer, row, telemetry, deviceId, name, new TimeRange(from, from + Slice < range.To ? from + Slice : range.To), cancellationToken);
                await writer.FlushAsync(cancellationToken);
            }
        }
    }

    private static async Task WriteAsync(StreamWriter writer, string row, ITelemetryStore telemetry, string deviceId, string name, TimeRange slice, CancellationToken cancellationToken)
    {
        var readings = await telemetry.SeriesAsync(deviceId, name, slice.From, slice.To, SliceReadingsMax, cancellationToken);
        if (readings.Count == SliceReadingsMax && slice.Length.Ticks > 1)
        {
            var middle = slice.From + (slice.Length / 2);
            await WriteAsync(writer, row, telemetry, deviceId, name, slice with { To = middle }, cancellationToken);
            await WriteAsync(writer, row, telemetry, deviceId, name, slice with { From = middle }, cancellationToken);
            return;
        }

        foreach (var reading in readings)
        {
            await writer.WriteAsync(row);
            await writer.WriteAsync(reading.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
            await writer.WriteAsync(',');
            await writer.WriteAsync(reading.Value.ToString("R", CultureInfo.InvariantCulture));
            await writer.WriteAsync("\r\n");
        }
    }

    /// <summary>
    /// A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection); one with
    /// separators or quotes is quoted.
    /// </summary>
    internal static string Cell(string text)
    {
        if (text.Length > 0 && text[0] is ('=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠'))
        {
            text = "'" + text;
        }

        return text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
