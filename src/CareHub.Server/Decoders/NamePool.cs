using System.Collections.Concurrent;
using CareHub.Core.Telemetry;

namespace CareHub.Server.Decoders;

/// <summary>The names of readings: a few dozen, in millions of messages. Each is one string, so that it can be compared by reference.</summary>
internal static class NamePool
{
    /// <summary>Names that are remembered; more are strings of their own, which costs time and nothing else.</summary>
    private const int RememberedMax = 4_096;

    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();
    private static int _count;

    /// <summary>The name, or null when it is none.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = stackalloc char[ReadingNames.CharsMax];
        if (utf8.Length > chars.Length)
        {
            return null;
        }

        for (var i = 0; i < utf8.Length; i++)
        {
            chars[i] = (char)utf8[i];
        }

        var name = chars[..utf8.Length];
        if (!ReadingNames.IsName(name))
        {
            return null;
        }

        if (Lookup.TryGetValue(name, out var known))
        {
            return known;
        }

        var fresh = new string(name);
        if (Volatile.Read(ref _count) >= RememberedMax)
        {
            return fresh;
        }

        Interlocked.Increment(ref _count);
        return Known.GetOrAdd(fresh, fresh);
    }
}
