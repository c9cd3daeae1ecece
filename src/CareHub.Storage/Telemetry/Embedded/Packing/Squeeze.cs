using System.IO.Compression;

namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>The last step of packing: Brotli, where it makes a block smaller.</summary>
internal static class Squeeze
{
    /// <summary>Decided by measurement: 9 costs three times the time for one byte in a hundred.</summary>
    private const int Quality = 5;
    private const int WindowBits = 16;
    private const byte Plain = 0;
    private const byte Brotli = 1;
    private const int UnpackedBytesMax = 64 << 20;

    public static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        var head = new PackBuffer();
        head.Byte(Brotli);
        head.Number((ulong)bytes.Length);
        var packed = new byte[head.Written.Length + bytes.Length];
        head.Written.CopyTo(packed);
        if (BrotliEncoder.TryCompress(bytes, packed.AsSpan(head.Written.Length), out var written, Quality, WindowBits) && head.Written.Length + written <= bytes.Length)
            return packed[..(head.Written.Length + written)];

        var plain = new byte[bytes.Length + 1];
        plain[0] = Plain;
        bytes.CopyTo(plain.AsSpan(1));
        return plain;
    }

    public static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> packed)
    {
        if (packed.IsEmpty)
            throw new InvalidDataException("A block of readings is empty.");
        if (packed[0] == Plain)
            return packed[1..];

        var reader = new PackReader(packed[1..]);
        var length = reader.Number();
        if (packed[0] != Brotli || length > UnpackedBytesMax)
            throw new InvalidDataException("A block of readings is packed in an unknown way.");
        var bytes = new byte[length];
        return BrotliDecoder.TryDecompress(reader.Rest, bytes, out var written) && written == bytes.Length
            ? bytes
            : throw new InvalidDataException("A block of readings cannot be unpacked.");
    }
}
