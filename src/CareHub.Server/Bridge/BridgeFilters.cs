namespace CareHub.Server.Bridge;

/// <summary>Topic filters as configuration holds them, MQTT 5.0 §4.7.</summary>
internal static class BridgeFilters
{
    private const int CharsMax = 1_000;

    /// <summary>A plain topic filter; shared subscriptions and the broker's own <c>$</c> topics are not for a bridge.</summary>
    public static bool IsValid(string filter)
    {
        if (filter.Length is 0 or > CharsMax || filter[0] == '$' || filter.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        var levels = filter.Split('/');
        return levels.Select((level, index) =>
            level == "+" || (level == "#" && index == levels.Length - 1) || !level.AsSpan().ContainsAny('+', '#')).All(valid => valid);
    }

    /// <summary>Is there a topic that both match?</summary>
    public static bool Overlap(string one, string other)
    {
        var (left, right) = (one.Split('/'), other.Split('/'));
        for (var level = 0; ; level++)
        {
            var (leftEnds, rightEnds) = (level == left.Length, level == right.Length);
            if (leftEnds || rightEnds)
            {
                // "a/#" matches "a" too [MQTT-4.7.1-2].
                return (leftEnds && rightEnds) || (leftEnds ? right : left)[level] == "#";
            }

            if (left[level] == "#" || right[level] == "#")
            {
                return true;
            }

            if (left[level] != "+" && right[level] != "+" && left[level] != right[level])
            {
                return false;
            }
        }
    }
}
