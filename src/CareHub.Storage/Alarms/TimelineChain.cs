using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CareHub.Core.Alarms;

namespace CareHub.Storage.Alarms;

/// <summary>
/// The hash chain of the timeline: each row's hash covers the row and the hash before it, so that a row changed or taken
/// out later is found by walking the chain.
/// </summary>
internal static class TimelineChain
{
    /// <summary>Entries up to this length, and that is nearly all, need no memory of their own.</summary>
    private const int StackBytesMax = 1_024;

    /// <summary>Number, time, event and kind of author.</summary>
    private const int NumberBytes = 14;

    public static readonly byte[] Root = new byte[SHA256.HashSizeInBytes];

    public static byte[] Next(byte[] previous, TimelineEntry entry)
    {
        var length = previous.Length + NumberBytes + TextBytesMax(entry.AlarmId) + TextBytesMax(entry.Author.Id) + TextBytesMax(entry.Author.Name)
            + TextBytesMax(entry.Reason) + TextBytesMax(entry.Note);
        Span<byte> buffer = length <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[length];
        previous.CopyTo(buffer);
        var rest = buffer[previous.Length..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, entry.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(rest[4..], entry.At.ToUnixTimeMilliseconds());
        rest[12] = (byte)entry.Event;
        rest[13] = (byte)entry.Author.Kind;
        rest = rest[NumberBytes..];
        rest = Append(rest, entry.AlarmId);
        rest = Append(rest, entry.Author.Id);
        rest = Append(rest, entry.Author.Name);
        rest = Append(rest, entry.Reason);
        rest = Append(rest, entry.Note);
        return SHA256.HashData(buffer[..^rest.Length]);
    }

    /// <summary>Length first, so that no two lists of texts look alike; −1 for none. Returns what is left.</summary>
    private static Span<byte> Append(Span<byte> rest, string? text)
    {
        var bytes = text is null ? 0 : Encoding.UTF8.GetBytes(text, rest[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(rest, text is null ? -1 : bytes);
        return rest[(sizeof(int) + bytes)..];
    }

    private static int TextBytesMax(string? text) => sizeof(int) + (text is null ? 0 : Encoding.UTF8.GetMaxByteCount(text.Length));
}
