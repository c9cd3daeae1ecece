using System.Text.Unicode;

namespace CareHub.Mqtt.Topics;

/// <summary>What MQTT allows in a UTF-8 string, MQTT 5.0 §1.5.4.</summary>
internal static class Utf8Rules
{
    /// <summary>
    /// Well-formed, no surrogates [MQTT-1.5.4-1], no U+0000 [MQTT-1.5.4-2]. Control characters and non-characters
    /// only "SHOULD NOT" be sent and are let through, so that nothing a peer broker accepts is lost here.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);
}
