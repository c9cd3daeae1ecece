using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Codec;

/// <summary>
/// The properties of a PUBLISH that travel on to subscribers unaltered, as up to three slices of what was received:
/// the alias and the expiry are cut out, because the one belongs to the connection and the other is counted down.
/// The order, which matters for user properties [MQTT-3.3.2-18], stays.
/// </summary>
internal readonly ref struct ForwardedProperties(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
{
    private readonly ReadOnlySpan<byte> _first = first;
    private readonly ReadOnlySpan<byte> _second = second;
    private readonly ReadOnlySpan<byte> _third = third;

    public int Length => _first.Length + _second.Length + _third.Length;

    public void CopyTo(Span<byte> destination)
    {
        _first.CopyTo(destination);
        if (_second.Length + _third.Length > 0)
        {
            _second.CopyTo(destination[_first.Length..]);
            _third.CopyTo(destination[(_first.Length + _second.Length)..]);
        }
    }
}

/// <summary>A received PUBLISH, a view of the receive buffer.</summary>
internal ref struct DecodedPublish
{
    public ReadOnlySpan<byte> Topic;
    public ReadOnlySpan<byte> Payload;

    /// <summary>The whole property section of a 5.0 packet.</summary>
    public ReadOnlySpan<byte> Properties;
    public ForwardedProperties Forwarded;
    public ushort PacketId;
    public byte Qos;
    public bool Retain;
    public bool Duplicate;
    public bool HasAlias;
    public ushort Alias;

    /// <summary>Seconds; null when the message does not expire.</summary>
    public uint? ExpirySeconds;
}

/// <summary>PUBLISH, MQTT 5.0 §3.3.</summary>
internal static class PublishDecoder
{
    /// <summary>Decodes. An empty topic is left to the caller, who knows the aliases.</summary>
    public static ReasonCode Decode(int flags, ReadOnlySpan<byte> body, bool v5, bool fromClient, out DecodedPublish publish)
    {
        var decoded = default(DecodedPublish);
        var error = Fill(flags, body, v5, fromClient, ref decoded);
        publish = decoded;
        return error;
    }

    private static ReasonCode Fill(int flags, ReadOnlySpan<byte> body, bool v5, bool fromClient, ref DecodedPublish publish)
    {
        publish.Qos = (byte)((flags >> 1) & 3);
        publish.Retain = (flags & 1) != 0;
        publish.Duplicate = (flags & 8) != 0;

        var reader = new PacketReader(body);
        publish.Topic = reader.ReadUtf8();
        if (publish.Topic.ContainsAny((byte)'+', (byte)'#'))
        {
            return ReasonCode.MalformedPacket; // [MQTT-3.3.2-2]
        }

        if (publish.Qos > 0)
        {
            publish.PacketId = reader.ReadUInt16();
            if (publish.PacketId == 0 && reader.Error == ReasonCode.Success)
            {
                return ReasonCode.ProtocolError; // [MQTT-2.2.1-3], [MQTT-2.3.1-1] of 3.1.1
            }
        }

        if (v5)
        {
            var error = DecodeProperties(ref reader, fromClient, ref publish);
            if (error != ReasonCode.Success)
            {
                return error;
            }
        }

        publish.Payload = reader.Rest;
        return reader.Error;
    }

    private static ReasonCode DecodeProperties(scoped ref PacketReader reader, bool fromClient, scoped ref DecodedPublish publish)
    {
        var scanner = PropertyScanner.Begin(ref reader, PacketType.Publish);
        if (reader.Error != ReasonCode.Success || scanner.All.IsEmpty)
        {
            return reader.Error;
        }

        publish.Properties = scanner.All;
        int aliasAt = -1, expiryAt = -1;
        while (scanner.Next())
        {
            switch (scanner.Id)
            {
                case PropertyId.TopicAlias:
                    publish.HasAlias = true;
                    publish.Alias = (ushort)scanner.Number;
                    aliasAt = scanner.Offset;
                    break;
                case PropertyId.MessageExpiryInterval:
                    publish.ExpirySeconds = scanner.Number;
                    expiryAt = scanner.Offset;
                    break;
                case PropertyId.SubscriptionIdentifier when fromClient:
                    return ReasonCode.ProtocolError; // [MQTT-3.3.4-6]
                case PropertyId.ResponseTopic when !TopicRules.IsValidName(scanner.Data):
                    return ReasonCode.ProtocolError; // [MQTT-3.3.2-14]
                default:
                    break;
            }
        }

        publish.Forwarded = Cut(scanner.All, aliasAt, expiryAt);
        return scanner.Error;
    }

    private static ForwardedProperties Cut(ReadOnlySpan<byte> all, int aliasAt, int expiryAt)
    {
        const int AliasBytes = 3, ExpiryBytes = 5;
        if (aliasAt < 0 && expiryAt < 0)
        {
            return new ForwardedProperties(all, default, default);
        }

        if (aliasAt < 0 || expiryAt < 0)
        {
            var (at, bytes) = aliasAt < 0 ? (expiryAt, ExpiryBytes) : (aliasAt, AliasBytes);
            return new ForwardedProperties(all[..at], all[(at + bytes)..], default);
        }

        var (firstAt, firstBytes, secondAt, secondBytes) = aliasAt < expiryAt
            ? (aliasAt, AliasBytes, expiryAt, ExpiryBytes)
            : (expiryAt, ExpiryBytes, aliasAt, AliasBytes);
        return new ForwardedProperties(all[..firstAt], all[(firstAt + firstBytes)..secondAt], all[(secondAt + secondBytes)..]);
    }
}
