using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace CareHub.Storage.Telemetry.Influx;

/// <summary>Turns status codes and bodies of InfluxDB 1.x, 2.x and 3 Core into answers.</summary>
internal static class InfluxAnswerReader
{
    private const int ReasonCharsMax = 200;

    public static WriteAnswer ReadWrite(HttpStatusCode status, RetryConditionHeaderValue? retryAfter, string body, DateTimeOffset now = default)
    {
        // Exactly 204: a proxy's friendly 200 page must not pass for a stored batch.
        if (status == HttpStatusCode.NoContent)
            return new WriteAnswer.Written();

        var (message, lineErrors, isAboutLines) = ReadError(body);
        var reason = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status}: {Shorten(message)}");
        switch (status)
        {
            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity:
                if (message.Contains("partial write", StringComparison.OrdinalIgnoreCase))
                    return new WriteAnswer.PartlyRejected(RejectedPoints(message, lineErrors.Count), reason, lineErrors);
                // Whether the good lines are stored or not, finding the bad ones by halves is right.
                if (isAboutLines || message.Contains("unable to parse", StringComparison.OrdinalIgnoreCase) || message.Contains("field type conflict", StringComparison.OrdinalIgnoreCase) || message.Contains("retention policy", StringComparison.OrdinalIgnoreCase))
                    return new WriteAnswer.BadLines(reason);
                return new WriteAnswer.Refused(reason);
            case HttpStatusCode.NotFound:
                return IsDatabaseMissing(message) ? new WriteAnswer.DatabaseMissing(reason) : new WriteAnswer.Refused(reason);
            case HttpStatusCode.RequestEntityTooLarge:
                return new WriteAnswer.TooLarge();
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                return new WriteAnswer.Unavailable(reason, retryAfter?.Delta ?? (retryAfter?.Date is { } until && until > now ? until - now : null));
            default:
                return new WriteAnswer.Refused(reason);
        }
    }

    /// <remarks>A query that failed is usually HTTP 200 with the error inside, one per statement.</remarks>
    public static QueryAnswer ReadQuery(HttpStatusCode status, string body)
    {
        if (status != HttpStatusCode.OK)
        {
            var (message, _, _) = ReadError(body);
            var reason = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status}: {Shorten(message)}");
            return status == HttpStatusCode.NotFound && IsDatabaseMissing(message) ? new QueryAnswer.DatabaseMissing(reason) : new QueryAnswer.Failed(reason);
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var series = new List<QuerySeries>();
            if (ErrorIn(document.RootElement) is { } outer)
                return Failure(outer);
            foreach (var result in document.RootElement.GetProperty("results").EnumerateArray())
            {
                if (ErrorIn(result) is { } inner)
                    return Failure(inner);
                if (!result.TryGetProperty("series", out var tables))
                    continue;
                foreach (var table in tables.EnumerateArray())
                    series.Add(ReadSeries(table));
            }

            return new QueryAnswer.Rows(series);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new QueryAnswer.Failed("HTTP 200 with a body that is not InfluxDB's");
        }
    }

    private static QueryAnswer Failure(string message) =>
        IsDatabaseMissing(message) ? new QueryAnswer.DatabaseMissing(message) : new QueryAnswer.Failed(Shorten(message));

    private static string? ErrorIn(JsonElement element) =>
        element.TryGetProperty("error", out var error) ? error.GetString() ?? "" : null;

    private static QuerySeries ReadSeries(JsonElement table)
    {
        var tags = new Dictionary<string, string>();
        if (table.TryGetProperty("tags", out var tagged))
        {
            foreach (var tag in tagged.EnumerateObject())
                tags[tag.Name] = tag.Value.GetString() ?? "";
        }

        var columns = table.GetProperty("columns").EnumerateArray().Select(column => column.GetString() ?? "").ToArray();
        var values = table.TryGetProperty("values", out var rows) ? rows.EnumerateArray().Select(row => row.Clone()).ToArray() : [];
        return new QuerySeries(table.TryGetProperty("name", out var name) ? name.GetString() ?? "" : "", tags, columns, values);
    }

    /// <summary><c>error</c> in 1.x and 3, <c>message</c> in 2.x; 3 lists the bad lines in <c>data</c>, or names the first in <c>line</c>.</summary>
    private static (string Message, IReadOnlyList<LineError> LineErrors, bool IsAboutLines) ReadError(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
            {
                var message = root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String ? error.GetString()
                    : root.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()
                    : null;
                if (message is not null)
                {
                    var hasData = root.TryGetProperty("data", out var data);
                    var isAboutLines = (hasData && data.ValueKind is JsonValueKind.Object or JsonValueKind.Array) || root.TryGetProperty("line", out _);
                    return (message, hasData && data.ValueKind == JsonValueKind.Array ? ReadLineErrors(data) : [], isAboutLines);
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: a proxy's page, or nothing.
        }

        return (body, [], false);
    }

    /// <summary><c>[{"original_line", "line_number", "error_message"}]</c>, numbers from 1.</summary>
    private static List<LineError> ReadLineErrors(JsonElement data)
    {
        var errors = new List<LineError>();
        foreach (var each in data.EnumerateArray())
        {
            if (each.ValueKind == JsonValueKind.Object
                && each.TryGetProperty("line_number", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var line)
                && each.TryGetProperty("error_message", out var text) && text.ValueKind == JsonValueKind.String)
                errors.Add(new LineError(line - 1, Shorten(text.GetString()!)));
        }

        return errors;
    }

    /// <summary>1.x counts what it dropped, but not the lines it could not read; 3 lists all.</summary>
    private static int RejectedPoints(string message, int lineErrors)
    {
        var rejected = lineErrors;
        var dropped = message.LastIndexOf("dropped=", StringComparison.Ordinal);
        if (dropped >= 0)
        {
            var digits = message.AsSpan(dropped + "dropped=".Length);
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            if (int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                rejected += count;
        }

        for (var at = message.IndexOf("unable to parse", StringComparison.Ordinal); at >= 0; at = message.IndexOf("unable to parse", at + 1, StringComparison.Ordinal))
            rejected++;
        return Math.Max(1, rejected);
    }

    private static bool IsDatabaseMissing(string message) => message.Contains("database not found", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reasons end up in logs, and the server quotes the line it could not read: somebody's measurement.</summary>
    private static string Shorten(string message)
    {
        var line = message.AsSpan().Trim();
        var quote = line.IndexOf("unable to parse '");
        var text = quote < 0 ? line.ToString() : WithoutQuotedLine(line, quote);
        return text.Length <= ReasonCharsMax ? text : text[..ReasonCharsMax] + "…";
    }

    private static string WithoutQuotedLine(ReadOnlySpan<char> message, int quote)
    {
        var close = message.LastIndexOf("': ");
        return close < 0 ? $"{message[..quote]}unable to parse a line" : $"{message[..quote]}unable to parse a line: {message[(close + 3)..]}";
    }
}
