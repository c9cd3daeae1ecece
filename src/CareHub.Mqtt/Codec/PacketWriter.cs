using System.Buffers.Binary;
using System.Text;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>Appends fields to a growing buffer; for the packets that are rare enough not to be measured beforehand.</summary>
internal sealed class PacketWriter
{
    private byte[] _buffer = new byte[128];
    private int _length;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void VariableInteger(uint value) => VariableByteInteger.Write(Reserve(VariableByteInteger.SizeOf(value)), value);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void Binary(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Bytes(value);
    }

    public void Utf8(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        UInt16(checked((ushort)bytes));
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    public void Property(PropertyId id, uint value)
    {
        Byte((byte)id);
        switch (PropertyTable.KindOf(id))
        {
            case PropertyKind.Flag:
                Byte((byte)value);
                break;
            case PropertyKind.UInt16:
                UInt16((ushort)value);
                break;
            case PropertyKind.UInt32:
                UInt32(value);
                break;
            default:
                VariableInteger(value);
                break;
        }
    }

    public void Property(PropertyId id, string value)
    {
        Byte((byte)id);
        Utf8(value);
    }

    public void Property(PropertyId id, ReadOnlySpan<byte> value)
    {
        Byte((byte)id);
        Binary(value);
    }

    public void UserProperty(string name, string value)
    {
        Byte((byte)PropertyId.UserProperty);
        Utf8(name);
        Utf8(value);
    }

    /// <summary>Appends a property section: its length, then its content.</summary>
    public void Section(PacketWriter properties)
    {
        VariableInteger((uint)properties.Length);
        Bytes(properties.Written);
    }

    /// <summary>The finished packet: fixed header, remaining length, and what was appended.</summary>
    public byte[] ToPacket(PacketType type, int flags = 0)
    {
        var packet = new byte[1 + VariableByteInteger.SizeOf((uint)_length) + _length];
        packet[0] = (byte)(((int)type << 4) | flags);
        var at = 1 + VariableByteInteger.Write(packet.AsSpan(1), (uint)_length);
        Written.CopyTo(packet.AsSpan(at));
        return packet;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }
}
