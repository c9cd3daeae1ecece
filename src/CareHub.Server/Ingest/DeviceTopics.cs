using System.Text;

namespace CareHub.Server.Ingest;

internal enum TopicLeaf
{
    Unknown,
    Signal,
    Reading,
    Status,
    Command,
}

/// <summary><c>care/v1/{deviceId}/{signal|reading|status|command}</c>.</summary>
internal static class DeviceTopics
{
    public const string Root = "care/v1/";

    private static ReadOnlySpan<byte> RootUtf8 => "care/v1/"u8;

    /// <summary>Splits a topic; false when it is not of this shape.</summary>
    public static bool TryParse(ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> deviceId, out TopicLeaf leaf)
    {
        deviceId = default;
        leaf = TopicLeaf.Unknown;
        if (!topic.StartsWith(RootUtf8))
        {
            return false;
        }

        var rest = topic[RootUtf8.Length..];
        var slash = rest.IndexOf((byte)'/');
        if (slash <= 0)
        {
            return false;
        }

        deviceId = rest[..slash];
        leaf = LeafOf(rest[(slash + 1)..]);
        return leaf != TopicLeaf.Unknown;
    }

    public static bool TryParseFilter(string filter, out string deviceId)
    {
        deviceId = "";
        if (!filter.StartsWith(Root, StringComparison.Ordinal))
        {
            return false;
        }

        var slash = filter.IndexOf('/', Root.Length);
        if (slash <= Root.Length)
        {
            return false;
        }

        deviceId = filter[Root.Length..slash];
        return deviceId is not ("+" or "#") && (filter[(slash + 1)..] == "#" || filter[(slash + 1)..] == "+" || LeafOf(Encoding.UTF8.GetBytes(filter[(slash + 1)..])) != TopicLeaf.Unknown);
    }

    private static TopicLeaf LeafOf(ReadOnlySpan<byte> leaf) =>
        leaf.SequenceEqual("signal"u8) ? TopicLeaf.Signal
        : leaf.SequenceEqual("reading"u8) ? TopicLeaf.Reading
        : leaf.SequenceEqual("status"u8) ? TopicLeaf.Status
        : leaf.SequenceEqual("command"u8) ? TopicLeaf.Command
        : TopicLeaf.Unknown;
}
