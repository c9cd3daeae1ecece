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
    public static readonly byte[] Root = new byte[SHA256.HashSizeInBytes];

    public static byte[] Next(byte[] previous, TimelineEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        Span<byte> numbers = stackalloc byte[14];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, entry.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[4..], entry.At.ToUnixTimeMilliseconds());
        numbers[12] = (byte)entry.Event;
        numbers[13] = (byte)entry.Author.Kind;
        hash.AppendData(numbers);
        Append(hash, entry.AlarmId);
        Append(hash, entry.Author.Id);
        Append(hash, entry.Author.Name);
        Append(hash, entry.Reason);
        Append(hash, entry.Note);
        return hash.GetHashAndReset();
    }

    /// <summary>Length first, so that no two lists of texts look alike; −1 for none.</summary>
    private static void Append(IncrementalHash hash, string? text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
