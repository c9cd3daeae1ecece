using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CareHub.Core.Telemetry;

namespace CareHub.Server.Decoders;

/// <summary>
/// <c>care/v1/{deviceId}/reading</c>: one object with <c>at</c> and <c>values</c>, or an array of such. The most frequent
/// payload by far, so it is read token by token and leaves nothing behind but the readings.
/// </summary>
internal static class NativeReadingDecoder
{
    private const string BadTime = "'at' must be an ISO 8601 time such as 2026-11-22T03:04:05.678Z";
    private const string NoValues = "'values' is missing; it must be an object such as {\"heart_rate\":71}";

    /// <summary>A device's clock is believed within these bounds; outside them the time of receipt stands in.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BehindMax = TimeSpan.FromDays(31);

    public static Decoded<List<Reading>> Decode(string deviceId, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt)
    {
        var readings = new List<Reading>();
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 16 });
        try
        {
            reader.Read();
            var failure = reader.TokenType switch
            {
                JsonTokenType.StartObject => AddSample(ref reader, deviceId, receivedAt, 0, readings),
                JsonTokenType.StartArray => AddArray(ref reader, deviceId, receivedAt, readings),
                _ => "the payload must be a JSON object or an array of such",
            };

            // To the end, whatever was found: what is not JSON at all is said as that.
            while (reader.Read())
            {
            }

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

    private static string? AddArray(ref Utf8JsonReader reader, string deviceId, DateTimeOffset receivedAt, List<Reading> readings)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return $"element {index} of the array is not an object";
            }

            if (AddSample(ref reader, deviceId, receivedAt, index, readings) is { } failure)
            {
                return $"element {index}: {failure}";
            }
        }

        return null;
    }

    /// <summary>From the start of an object to its end.</summary>
    private static string? AddSample(ref Utf8JsonReader reader, string deviceId, DateTimeOffset receivedAt, int index, List<Reading> readings)
    {
        var first = readings.Count;
        // Samples without a time of their own would all be one point: a millisecond apart they stay distinct.
        var at = receivedAt.AddMilliseconds(index);
        var hasValues = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("at"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out var parsed))
                {
                    return BadTime;
                }

                at = parsed <= receivedAt + AheadMax && parsed >= receivedAt - BehindMax ? parsed.ToUniversalTime() : receivedAt.AddMilliseconds(index);
            }
            else if (reader.ValueTextEquals("values"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return NoValues;
                }

                // Of a name that is there twice the last one counts, as everywhere in JSON.
                readings.RemoveRange(first, readings.Count - first);
                hasValues = true;
                if (AddValues(ref reader, deviceId, readings) is { } failure)
                {
                    return failure;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        foreach (ref var reading in CollectionsMarshal.AsSpan(readings)[first..])
        {
            reading = reading with { At = at };
        }

        return hasValues ? null : NoValues;
    }

    private static string? AddValues(ref Utf8JsonReader reader, string deviceId, List<Reading> readings)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueIsEscaped ? NamePool.Find(Encoding.UTF8.GetBytes(reader.GetString()!)) : NamePool.Find(reader.ValueSpan);
            if (name is null)
            {
                return $"the reading's name '{reader.GetString()}' must be 1–{ReadingNames.CharsMax} lower case letters, digits or '_'";
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var number) || !(Math.Abs(number) <= Limits.ReadingSizeMax))
            {
                return $"'{name}' must be a number, and no larger than 1e15 either way";
            }

            if (readings.Count == Limits.ReadingsPerMessageMax)
            {
                return $"more than {Limits.ReadingsPerMessageMax} readings in one message";
            }

            readings.Add(new Reading(deviceId, name, number, default));
        }

        return null;
    }
}
