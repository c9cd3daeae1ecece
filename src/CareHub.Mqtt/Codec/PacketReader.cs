using System.Buffers.Binary;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Codec;

/// <summary>
/// Reads the fields of one packet. The first fault sticks: later reads return defaults, so a decoder reads
/// straight through and looks at <see cref="Error"/> once.
/// </summary>
internal ref struct PacketReader(ReadOnlySpan<byte> span)
{
    private ReadOnlySpan<byte> _rest = span;

    /// <summary><see cref="ReasonCode.Success"/> until a field could not be read.</summary>
    public ReasonCode Error { get; private set; }

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Records a fault unless there is one already, and stops reading.</summary>
    public void Fail(ReasonCode error)
    {
        if (Error == ReasonCode.Success)
        {
            Error = error;
        }

        _rest = default;
    }

    public byte ReadByte()
    {
        if (_rest.IsEmpty)
        {
            Fail(ReasonCode.MalformedPacket);
            return 0;
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public ushort ReadUInt16()
    {
        if (_rest.Length < 2)
        {
            Fail(ReasonCode.MalformedPacket);
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        _rest = _rest[2..];
        return value;
    }

    public uint ReadUInt32()
    {
        if (_rest.Length < 4)
        {
            Fail(ReasonCode.MalformedPacket);
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        _rest = _rest[4..];
        return value;
    }

    /// <summary>A number of 5.0, which has to be written in the fewest bytes [MQTT-1.5.5-1].</summary>
    public uint ReadVariableByteInteger()
    {
        var used = VariableByteInteger.Read(_rest, out var value);
        if (used <= 0 || used != VariableByteInteger.SizeOf(value))
        {
            Fail(ReasonCode.MalformedPacket);
            return 0;
        }

        _rest = _rest[used..];
        return value;
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (_rest.Length < count)
        {
            Fail(ReasonCode.MalformedPacket);
            return default;
        }

        var value = _rest[..count];
        _rest = _rest[count..];
        return value;
    }

    public ReadOnlySpan<byte> ReadBinary() => ReadBytes(ReadUInt16());

    /// <summary>UTF-8 string; ill-formed UTF-8 [MQTT-1.5.4-1] or U+0000 [MQTT-1.5.4-2] is malformed.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        var value = ReadBinary();
        if (!Utf8Rules.IsValid(value))
        {
            Fail(ReasonCode.MalformedPacket);
            return default;
        }

        return value;
    }
}
