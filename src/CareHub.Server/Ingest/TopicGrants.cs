using System.Text;

namespace CareHub.Server.Ingest;

/// <summary>What a service may publish and subscribe: topic filters, everything else is denied.</summary>
internal sealed class TopicGrants(IEnumerable<string> publish, IEnumerable<string> subscribe)
{
    private readonly byte[][] _publish = [.. publish.Select(Encoding.UTF8.GetBytes)];
    private readonly string[] _subscribe = [.. subscribe];

    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        foreach (var filter in _publish)
        {
            if (Matches(filter, topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Is everything that the filter can match within one of the grants?</summary>
    public bool MaySubscribe(string filter) => Array.Exists(_subscribe, granted => Covers(granted, filter));

    /// <summary>What is wrong with a filter in a grant; null when nothing is.</summary>
    public static string? Check(string filter)
    {
        if (filter.Length is 0 or > 1_000 || filter.Any(char.IsControl))
        {
            return $"'{filter}' is not a topic filter";
        }

        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if ((levels[i].Contains('#', StringComparison.Ordinal) && (levels[i] != "#" || i < levels.Length - 1)) || (levels[i].Contains('+', StringComparison.Ordinal) && levels[i] != "+"))
            {
                return $"'{filter}' is not a topic filter: '+' stands for a whole level, '#' for all that follows";
            }
        }

        return filter.StartsWith("$share/", StringComparison.Ordinal) ? $"'{filter}': grant the filter without $share/group/" : null;
    }

    private static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        // A wildcard at the first level never reaches the broker's own topics [MQTT-4.7.2-1].
        if (topic.StartsWith("$"u8) && !filter.StartsWith("$"u8))
        {
            return false;
        }

        while (true)
        {
            if (filter.SequenceEqual("#"u8))
            {
                return true;
            }

            var (level, filterEnds) = Next(ref filter);
            var (name, topicEnds) = Next(ref topic);
            if (!level.SequenceEqual("+"u8) && !level.SequenceEqual(name))
            {
                return false;
            }

            if (topicEnds)
            {
                // "a/#" matches "a" too [MQTT-4.7.1-2].
                return filterEnds || filter.SequenceEqual("#"u8);
            }

            if (filterEnds)
            {
                return false;
            }
        }
    }

    private static bool Covers(string granted, string asked)
    {
        if (asked.StartsWith('$') && !granted.StartsWith('$'))
        {
            return false;
        }

        string[] grant = granted.Split('/'), ask = asked.Split('/');
        for (var i = 0; ; i++)
        {
            if (i == grant.Length)
            {
                return i == ask.Length;
            }

            if (grant[i] == "#")
            {
                return true;
            }

            if (i == ask.Length || ask[i] == "#" || (grant[i] != "+" && grant[i] != ask[i]))
            {
                // "a/#" covers "a"; nothing shorter does.
                return i == ask.Length && grant[i] == "#";
            }
        }
    }

    private static Level Next(ref ReadOnlySpan<byte> rest)
    {
        var slash = rest.IndexOf((byte)'/');
        var level = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? default : rest[(slash + 1)..];
        return new Level { Text = level, IsLast = slash < 0 };
    }

    private ref struct Level
    {
        public ReadOnlySpan<byte> Text;
        public bool IsLast;

        public readonly void Deconstruct(out ReadOnlySpan<byte> text, out bool isLast) 
        {
            text = Text;
            isLast = IsLast;
        }
    }
}
