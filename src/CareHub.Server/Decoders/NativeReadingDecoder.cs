using System.Text.Json;
using CareHub.Core.Telemetry;

namespace CareHub.Server.Decoders;

/// <summary><c>care/v1/{deviceId}/reading</c>: one object with <c>at</c> and <c>values</c>, or an array of such.</summary>
internal static class NativeReadingDecoder
{
    private const int NameCharsMax = 48;

    /// <summary>A device's clock is believed within these bounds; outside them the time of receipt stands in.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BehindMax = TimeSpan.FromDays(31);

    public static Decoded<List<Reading>> Decode(string deviceId, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt)
    {
        var readings = new List<Reading>();
        try
        {
            using var document = JsonDocument.Parse(payload.ToArray(), new JsonDocumentOptions { MaxDepth = 16 });
            var failure = document.RootElement.ValueKind switch
            {
                JsonValueKind.Object => AddSample(deviceId, document.RootElement, receivedAt, 0, readings),
                JsonValueKind.Array => AddArray(deviceId, document.RootElement, receivedAt, readings),
                _ => "the payload must be a JSON object or an array of such",
            };
            return failure is null ? Decoded<List<Reading>>.Of(readings) : Decoded<List<Reading>>.Failure(failure, 0);
        }
        catch (JsonException malformed)
        {
            return Decoded<List<Reading>>.Failure("the payload is not valid JSON", Math.Min(malformed.BytePositionInLine ?? 0, payload.Length));
        }
        catch (InvalidOperationException)
        {
            // JSON in shape, but a name or a text in it is not UTF-8: found only when it is read.
            return Decoded<List<Reading>>.Failure("the payload is not valid UTF-8", 0);
        }
    }

    private static string? AddArray(string deviceId, JsonElement array, DateTimeOffset receivedAt, List<Reading> readings)
    {
        var index = 0;
        foreach (var sample in array.EnumerateArray())
        {
            if (sample.ValueKind != JsonValueKind.Object)
            {
                return $"element {index} of the array is not an object";
            }

            if (AddSample(deviceId, sample, receivedAt, index, readings) is { } failure)
            {
                return $"element {index}: {failure}";
            }

            index++;
        }

        return null;
    }

    private static string? AddSample(string deviceId, JsonElement sample, DateTimeOffset receivedAt, int index, List<Reading> readings)
    {
        // Samples without a time of their own would all be one point: a millisecond apart they stay distinct.
        var at = receivedAt.AddMilliseconds(index);
        if (sample.TryGetProperty("at", out var time))
        {
            if (time.ValueKind != JsonValueKind.String || !time.TryGetDateTimeOffset(out var parsed))
            {
                return "'at' must be an ISO 8601 time such as 2026-11-22T03:04:05.678Z";
            }

            if (parsed <= receivedAt + AheadMax && parsed >= receivedAt - BehindMax)
            {
                at = parsed.ToUniversalTime();
            }
        }

        if (!sample.TryGetProperty("values", out var values) || values.ValueKind != JsonValueKind.Object)
        {
            return "'values' is missing; it must be an object such as {\"heart_rate\":71}";
        }

        foreach (var value in values.EnumerateObject())
        {
            if (!IsName(value.Name))
            {
                return $"the reading's name '{value.Name}' must be 1–{NameCharsMax} lower case letters, digits or '_'";
            }

            if (value.Value.ValueKind != JsonValueKind.Number || !value.Value.TryGetDouble(out var number) || !double.IsFinite(number))
            {
                return $"'{value.Name}' must be a finite number";
            }

            if (readings.Count == Limits.ReadingsPerMessageMax)
            {
                return $"more than {Limits.ReadingsPerMessageMax} readings in one message";
            }

            readings.Add(new Reading(deviceId, value.Name, number, at));
        }

        return null;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameCharsMax && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
