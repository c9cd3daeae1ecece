using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>
/// Walks the properties of a packet, MQTT 5.0 §2.2.2, and applies the rules all packets share: known identifier,
/// allowed in this packet (else malformed), at most once unless it may repeat (else protocol error), value in range.
/// </summary>
internal ref struct PropertyScanner
{
    /// <summary>Stands for "properties of the will" beside the packet types.</summary>
    public const PacketType Will = PacketType.Reserved;

    private PacketReader _reader;
    private readonly PacketType _packet;
    private ulong _seen;

    private PropertyScanner(ReadOnlySpan<byte> properties, PacketType packet)
    {
        _reader = new PacketReader(properties);
        _packet = packet;
        All = properties;
    }

    /// <summary>The whole property section, without its length.</summary>
    public readonly ReadOnlySpan<byte> All { get; }

    public PropertyId Id { get; private set; }

    /// <summary>Where the current property starts in <see cref="All"/>.</summary>
    public int Offset { get; private set; }

    /// <summary>The current property as it was encoded, identifier included.</summary>
    public readonly ReadOnlySpan<byte> Current => All[Offset..^_reader.Rest.Length];

    /// <summary>Value of a numeric property.</summary>
    public uint Number { get; private set; }

    /// <summary>Value of a string or binary property; name of a user property.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>Value of a user property.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly ReasonCode Error => _reader.Error;

    /// <summary>Takes the property section (length and content) off the packet.</summary>
    public static PropertyScanner Begin(scoped ref PacketReader packet, PacketType type)
    {
        var length = packet.ReadVariableByteInteger();
        return new PropertyScanner(packet.ReadBytes((int)length), type);
    }

    /// <summary>Moves to the next property; false at the end or at a fault (see <see cref="Error"/>).</summary>
    public bool Next()
    {
        if (_reader.AtEnd)
        {
            return false;
        }

        Offset = All.Length - _reader.Rest.Length;
        // Identifiers are variable byte integers; all that exist fit one byte.
        var id = _reader.ReadVariableByteInteger();
        if (id >= 64 || (PropertyTable.AllowedIn((PropertyId)id) & (1 << (int)_packet)) == 0)
        {
            _reader.Fail(ReasonCode.MalformedPacket);
            return false;
        }

        Id = (PropertyId)id;
        var bit = 1ul << (int)id;
        if ((_seen & bit) != 0 && !MayRepeat())
        {
            _reader.Fail(ReasonCode.ProtocolError);
            return false;
        }

        _seen |= bit;
        ReadValue();
        return _reader.Error == ReasonCode.Success;
    }

    // A server may name several subscription identifiers in a PUBLISH; a client at most one in a SUBSCRIBE.
    private readonly bool MayRepeat() =>
        Id == PropertyId.UserProperty || (Id == PropertyId.SubscriptionIdentifier && _packet == PacketType.Publish);

    private void ReadValue()
    {
        switch (PropertyTable.KindOf(Id))
        {
            case PropertyKind.Flag:
                Number = _reader.ReadByte();
                Require(Number <= 1);
                break;
            case PropertyKind.UInt16:
                Number = _reader.ReadUInt16();
                // 0 is an error for Receive Maximum; an alias of 0 has its own code and is judged by the caller.
                Require(Number != 0 || Id != PropertyId.ReceiveMaximum);
                break;
            case PropertyKind.UInt32:
                Number = _reader.ReadUInt32();
                Require(Number != 0 || Id != PropertyId.MaximumPacketSize);
                break;
            case PropertyKind.VariableByteInteger:
                Number = _reader.ReadVariableByteInteger();
                Require(Number != 0);
                break;
            case PropertyKind.Utf8:
                Data = _reader.ReadUtf8();
                break;
            case PropertyKind.Binary:
                Data = _reader.ReadBinary();
                break;
            case PropertyKind.Utf8Pair:
                Data = _reader.ReadUtf8();
                Value = _reader.ReadUtf8();
                break;
        }
    }

    private void Require(bool inRange)
    {
        if (!inRange)
        {
            _reader.Fail(ReasonCode.ProtocolError);
        }
    }
}
