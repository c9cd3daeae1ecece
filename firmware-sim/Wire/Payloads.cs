using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CareHub.Simulator.Devices;

namespace CareHub.Simulator.Wire;

/// <summary>The JSON of the native topics.</summary>
internal static class Payloads
{
    private const string Firmware = "1.4.2";

    /// <summary>Last will, and what a device says when it is switched off.</summary>
    public static ReadOnlyMemory<byte> Offline { get; } = "{\"online\":false}"u8.ToArray();

    public static ReadOnlyMemory<byte> Online(int batteryPercent) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("online", true);
        json.WriteString("firmware", Firmware);
        json.WriteNumber("battery", batteryPercent);
        json.WriteEndObject();
    });

    /// <param name="id">Stable over redeliveries.</param>
    /// <param name="type">Signal type.</param>
    /// <param name="details">Further fields.</param>
    /// <param name="at">The device's clock.</param>
    /// <param name="buffered">Whether it was held back while the device had no connection: then the hub goes by <paramref name="at"/>.</param>
    public static ReadOnlyMemory<byte> Signal(string id, string type, SignalDetails details, DateTimeOffset at, bool buffered) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", type);
        json.WriteString("at", Time(at));
        if (details.Confidence is { } confidence)
            json.WriteNumber("confidence", confidence);
        if (details.Zone is { } zone)
            json.WriteString("zone", zone);
        if (details.Of is { } of)
            json.WriteString("of", of);
        if (details.Value is { } value)
            json.WriteNumber("value", value);
        if (buffered)
            json.WriteBoolean("buffered", true);
        json.WriteEndObject();
    });

    /// <summary>One sample as an object, several as an array.</summary>
    public static ReadOnlyMemory<byte> Readings(IReadOnlyList<TimedSample> samples) => Write(json =>
    {
        if (samples.Count > 1)
            json.WriteStartArray();
        foreach (var sample in samples)
        {
            json.WriteStartObject();
            json.WriteString("at", Time(sample.At));
            json.WriteStartObject("values");
            foreach (var value in sample.Values)
                json.WriteNumber(value.Name, value.Value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (samples.Count > 1)
            json.WriteEndArray();
    });

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(192);
        using (var json = new Utf8JsonWriter(bytes))
            write(json);
        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>Measurements with their time on the wire.</summary>
internal readonly record struct TimedSample(DateTimeOffset At, IReadOnlyList<Measurement> Values);
