using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CareHub.Core.Alarms;

namespace CareHub.Storage.Registry;

/// <summary>
/// Appends to the registry's timeline inside the caller's transaction, which must hold the write lock (SQLite's immediate
/// transactions do): two writers would otherwise continue the same link of the chain.
/// </summary>
internal sealed class RegistryTimeline
{
    private static readonly byte[] Root = new byte[SHA256.HashSizeInBytes];

    private readonly RegistryContext _context;
    private long _seq;
    private byte[] _hash;

    public RegistryTimeline(RegistryContext context)
    {
        _context = context;
        var last = context.Timeline.OrderByDescending(row => row.Seq).Select(row => new { row.Seq, row.Hash }).FirstOrDefault();
        (_seq, _hash) = last is null ? (0, Root) : (last.Seq, last.Hash);
    }

    public void Append(RegistryEvent happened, string subject, Author author, DateTimeOffset at, string? reason)
    {
        var row = new RegistryTimelineRow
        {
            Seq = ++_seq, At = at.ToUnixTimeMilliseconds(), Event = happened, Subject = subject,
            AuthorKind = author.Kind, AuthorId = author.Id, AuthorName = author.Name, Reason = reason, Hash = [],
        };
        row.Hash = _hash = Next(_hash, row);
        _context.Timeline.Add(row);
    }

    /// <summary>The first row that was changed, or follows one that was taken out; null when the chain is whole.</summary>
    public static long? FindBreak(IEnumerable<RegistryTimelineRow> inOrder)
    {
        var (seq, hash) = (0L, Root);
        foreach (var row in inOrder)
        {
            hash = Next(hash, row);
            if (row.Seq != ++seq || !hash.AsSpan().SequenceEqual(row.Hash))
            {
                return row.Seq;
            }
        }

        return null;
    }

    private static byte[] Next(byte[] previous, RegistryTimelineRow row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        Span<byte> numbers = stackalloc byte[18];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, row.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], row.At);
        numbers[16] = (byte)row.Event;
        numbers[17] = (byte)row.AuthorKind;
        hash.AppendData(numbers);
        foreach (var text in (string?[])[row.Subject, row.AuthorId, row.AuthorName, row.Reason])
        {
            // Length first, so that no two lists of texts look alike; -1 for none.
            var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(numbers, text is null ? -1 : bytes.Length);
            hash.AppendData(numbers[..4]);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }
}
