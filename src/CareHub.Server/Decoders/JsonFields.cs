using System.Text.Json;
using CareHub.Core;

namespace CareHub.Server.Decoders;

/// <summary>
/// Walks the fields of one JSON object and collects the first thing that is wrong, with its byte offset. After an error
/// every value reads as null and <see cref="NextField"/> ends the walk.
/// </summary>
internal ref struct JsonFields
{
    private const int DepthMax = 16;

    private Utf8JsonReader _reader;
    private bool _started;

    public JsonFields(ReadOnlySpan<byte> payload)
    {
        _reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = DepthMax });
        Name = "";
    }

    /// <summary>Name of the current field.</summary>
    public string Name { get; private set; }

    public string? Error { get; private set; }

    public long Offset { get; private set; }

    public bool NextField()
    {
        if (Error is not null)
        {
            return false;
        }

        try
        {
            if (!_started)
            {
                _started = true;
                if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
                {
                    return Fail("the payload must be a JSON object");
                }
            }

            if (!_reader.Read())
            {
                return Fail("the JSON ends too early");
            }

            if (_reader.TokenType == JsonTokenType.EndObject && _reader.CurrentDepth == 0)
            {
                if (_reader.Read())
                {
                    return Fail("there is more after the end of the JSON object");
                }

                return false;
            }

            Name = _reader.GetString()!;
            _reader.Read();
            return true;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return Fail("the payload is not valid JSON");
        }
    }

    public void Skip()
    {
        try
        {
            _reader.Skip();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            Fail("the payload is not valid JSON");
        }
    }

    public string? Text(int charsMin, int charsMax)
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            Fail($"'{Name}' must be a text");
            return null;
        }

        string text;
        try
        {
            text = _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Fail($"'{Name}' is not valid UTF-8");
            return null;
        }

        if (text.Length < charsMin || text.Length > charsMax)
        {
            Fail($"'{Name}' has {text.Length} characters; {charsMin}–{charsMax} are allowed");
            return null;
        }

        return text;
    }

    public T? Word<T>()
        where T : struct, Enum
    {
        if (Text(0, 200) is not { } word)
        {
            return null;
        }

        if (Words<T>.TryParse(word, out var value))
        {
            return value;
        }

        Fail($"'{Name}' is '{word}'; it must be one of {string.Join(", ", Words<T>.All)}");
        return null;
    }

    public DateTimeOffset? Time()
    {
        if (_reader.TokenType == JsonTokenType.String && _reader.TryGetDateTimeOffset(out var time))
        {
            // Kept in milliseconds: what triage decides on must be what the record says.
            return DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        }

        Fail($"'{Name}' must be an ISO 8601 time such as 2026-11-22T03:04:05.678Z");
        return null;
    }

    public double? Number(double min, double max)
    {
        if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetDouble(out var number) && double.IsFinite(number) && number >= min && number <= max)
        {
            return number;
        }

        Fail(min == double.MinValue ? $"'{Name}' must be a finite number" : $"'{Name}' must be a number from {min} to {max}");
        return null;
    }

    public bool Flag()
    {
        if (_reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            return _reader.GetBoolean();
        }

        return Fail($"'{Name}' must be true or false");
    }

    public bool Fail(string reason)
    {
        if (Error is null)
        {
            Error = reason;
            Offset = _reader.TokenStartIndex;
        }

        return false;
    }
}
