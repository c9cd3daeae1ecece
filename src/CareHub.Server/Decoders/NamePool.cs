using System.Collections.Concurrent;

namespace CareHub.Server.Decoders;

/// <summary>The names of readings: a few dozen, in millions of messages. Each is one string, so that it can be compared by reference.</summary>
internal static class ReadingNames
{
    public const int CharsMax = 48;

    /// <summary>Names that are remembered; more are strings of their own, which costs time and nothing else.</summary>
    private const int RememberedMax = 4_096;

    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();
    private static int _count;

    /// <summary>The name, or null when it is none: 1–48 lower case letters, digits or underscores.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > CharsMax)
        {
            return null;
        }

        Span<char> chars = stackalloc char[CharsMax];
        for (var i = 0; i < utf8.Length; i++)
        {
            var c = (char)utf8[i];
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
            {
                return null;
            }

            chars[i] = c;
        }

        var name = chars[..utf8.Length];
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
