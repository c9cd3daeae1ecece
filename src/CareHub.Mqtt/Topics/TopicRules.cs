namespace CareHub.Mqtt.Topics;

/// <summary>What makes a topic name or filter valid, MQTT 5.0 §4.7. UTF-8 itself is checked where it is read.</summary>
internal static class TopicRules
{
    /// <summary>At least one character [MQTT-4.7.3-1] and no wildcard [MQTT-3.3.2-2].</summary>
    public static bool IsValidName(ReadOnlySpan<byte> topic) => !topic.IsEmpty && !topic.ContainsAny((byte)'+', (byte)'#');

    /// <summary>At least one character; <c>#</c> alone in the last level [MQTT-4.7.1-1], <c>+</c> alone in a level [MQTT-4.7.1-2].</summary>
    public static bool IsValidFilter(ReadOnlySpan<byte> filter)
    {
        if (filter.IsEmpty)
        {
            return false;
        }

        if (!filter.ContainsAny((byte)'+', (byte)'#'))
        {
            return true;
        }

        while (true)
        {
            var end = filter.IndexOf((byte)'/');
            var level = end < 0 ? filter : filter[..end];
            if (level.Length > 1 && level.ContainsAny((byte)'+', (byte)'#'))
            {
                return false;
            }

            if (end < 0)
            {
                return true;
            }

            if (level is [(byte)'#'])
            {
                return false;
            }

            filter = filter[(end + 1)..];
        }
    }

    public static int CountLevels(ReadOnlySpan<byte> topic) => topic.Count((byte)'/') + 1;

    public static int CountLevels(string filter) => filter.AsSpan().Count('/') + 1;

    /// <summary>A topic that starts with <c>$</c> is not matched by a filter that starts with a wildcard [MQTT-4.7.2-1].</summary>
    public static bool IsReserved(ReadOnlySpan<byte> topic) => topic is [(byte)'$', ..];
}
