using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>The timeline's hash chain, worked out from its description: SHA-256 over the hash before, the numbers, and each text with its length.</summary>
internal sealed class ChainAudit
{
    private byte[] _head = new byte[SHA256.HashSizeInBytes];

    public void Check(StoredEntry entry)
    {
        using var row = new MemoryStream();
        row.Write(_head);
        Span<byte> numbers = stackalloc byte[14];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, entry.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[4..], entry.At.ToUnixTimeMilliseconds());
        numbers[12] = (byte)entry.Event;
        numbers[13] = (byte)entry.AuthorKind;
        row.Write(numbers);
        Span<byte> length = stackalloc byte[4];
        foreach (var text in new[] { entry.AlarmId, entry.AuthorId, entry.AuthorName, entry.Reason, entry.Note })
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
            row.Write(length);
            row.Write(text is null ? [] : Encoding.UTF8.GetBytes(text));
        }

        _head = SHA256.HashData(row.ToArray());
        if (!entry.Hash.AsSpan().SequenceEqual(_head))
        {
            throw new BrokenPromise(Promise.EveryChangeHasAnAuthor, $"the chain does not hold at row {entry.Position} ({entry.AlarmId} {entry.Seq})");
        }
    }
}
