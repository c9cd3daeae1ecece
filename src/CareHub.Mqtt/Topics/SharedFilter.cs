namespace CareHub.Mqtt.Topics;

/// <summary><c>$share/{ShareName}/{filter}</c>, MQTT 5.0 §4.8.2. Offered to 3.1.1 clients as well, as mosquitto does.</summary>
internal readonly record struct SharedFilter(string? Group, string Filter)
{
    private const string Prefix = "$share/";

    /// <summary>
    /// Splits the prefix off. Returns false when the share name is empty [MQTT-4.8.2-1], holds a wildcard
    /// or is not followed by a filter [MQTT-4.8.2-2].
    /// </summary>
    public static bool TryParse(string topicFilter, out SharedFilter shared)
    {
        shared = new SharedFilter(null, topicFilter);
        if (!topicFilter.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return !string.Equals(topicFilter, "$share", StringComparison.Ordinal);
        }

        var slash = topicFilter.IndexOf('/', Prefix.Length);
        if (slash <= Prefix.Length || slash == topicFilter.Length - 1)
        {
            return false;
        }

        var group = topicFilter[Prefix.Length..slash];
        if (group.AsSpan().ContainsAny('+', '#'))
        {
            return false;
        }

        shared = new SharedFilter(group, topicFilter[(slash + 1)..]);
        return true;
    }
}
