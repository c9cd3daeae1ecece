using System.Buffers.Binary;

namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>Bytes that grow: numbers of varying length (LEB128), signed ones zigzag.</summary>
internal sealed class PackBuffer
{
    private byte[] _bytes = new byte[4096];
    private int _count;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    public void Clear() => _count = 0;

    public void Byte(byte value)
    {
        Ensure(1);
        _bytes[_count++] = value;
    }

    public void Number(ulong value)
    {
        Ensure(10);
        while (value >= 0x80)
        {
            _bytes[_count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[_count++] = (byte)value;
    }

    public void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed(ulong value)
    {
        Ensure(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_count), value);
        _count += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }

    private void Ensure(int more)
    {
        if (_bytes.Length - _count < more)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + more));
    }
}

/// <summary>Reads what a <see cref="PackBuffer"/> wrote; bytes that it cannot have written are <see cref="InvalidDataException"/>.</summary>
internal ref struct PackReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte()
    {
        if (_rest.IsEmpty)
            throw Cut();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public ulong Number()
    {
        var value = 0UL;
        for (var i = 0; i < 10 && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Cut();
    }

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong Fixed()
    {
        if (_rest.Length < 8)
            throw Cut();
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        _rest = _rest[8..];
        return value;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_rest.Length < count)
            throw Cut();
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>A count of things that take at least a byte each, so that a broken block cannot ask for gigabytes.</summary>
    public int Count()
    {
        var count = Number();
        return count <= (ulong)_rest.Length ? (int)count : throw new InvalidDataException("A block of readings holds fewer than it says.");
    }

    private static InvalidDataException Cut() => new("A block of readings ends in the middle of a number.");
}
