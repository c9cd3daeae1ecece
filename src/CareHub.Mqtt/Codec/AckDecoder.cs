using System.Text;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP (MQTT 5.0 §3.4 to §3.7), DISCONNECT (§3.14) and AUTH (§3.15).</summary>
internal static class AckDecoder
{
    /// <summary>An acknowledgement: packet identifier, then in 5.0 optionally a reason code and properties.</summary>
    public static ReasonCode Decode(PacketType type, ReadOnlySpan<byte> body, bool v5, out ushort packetId, out ReasonCode reason, out string? reasonString)
    {
        reason = ReasonCode.Success;
        reasonString = null;
        var reader = new PacketReader(body);
        packetId = reader.ReadUInt16();
        if (reader.Error == ReasonCode.Success && packetId == 0)
        {
            return ReasonCode.ProtocolError;
        }

        if (v5 && !reader.AtEnd)
        {
            reason = (ReasonCode)reader.ReadByte();
            if (!ReasonAllowed(type, reason))
            {
                return ReasonCode.MalformedPacket;
            }

            var error = ReadProperties(ref reader, type, out reasonString, out _);
            if (error != ReasonCode.Success)
            {
                return error;
            }
        }

        if (!reader.AtEnd)
        {
            reader.Fail(ReasonCode.MalformedPacket);
        }

        return reader.Error;
    }

    /// <summary>DISCONNECT: 3.1.1 has no body; 5.0 optionally a reason and properties.</summary>
    public static ReasonCode DecodeDisconnect(ReadOnlySpan<byte> body, bool v5, out ReasonCode reason, out uint? sessionExpirySeconds, out string? reasonString)
    {
        reason = ReasonCode.Success;
        sessionExpirySeconds = null;
        reasonString = null;
        if (body.IsEmpty)
        {
            return ReasonCode.Success;
        }

        if (!v5)
        {
            return ReasonCode.MalformedPacket;
        }

        var reader = new PacketReader(body);
        reason = (ReasonCode)reader.ReadByte();
        if (!ReasonAllowed(PacketType.Disconnect, reason))
        {
            return ReasonCode.MalformedPacket;
        }

        return ReadProperties(ref reader, PacketType.Disconnect, out reasonString, out sessionExpirySeconds);
    }

    private static ReasonCode ReadProperties(ref PacketReader reader, PacketType type, out string? reasonString, out uint? sessionExpirySeconds)
    {
        reasonString = null;
        sessionExpirySeconds = null;
        if (reader.AtEnd)
        {
            return reader.Error; // the property length may be left out
        }

        var scanner = PropertyScanner.Begin(ref reader, type);
        while (scanner.Next())
        {
            if (scanner.Id == PropertyId.ReasonString)
            {
                reasonString = Encoding.UTF8.GetString(scanner.Data);
            }
            else if (scanner.Id == PropertyId.SessionExpiryInterval)
            {
                sessionExpirySeconds = scanner.Number;
            }
        }

        if (scanner.Error == ReasonCode.Success && !reader.AtEnd)
        {
            reader.Fail(ReasonCode.MalformedPacket);
        }

        return scanner.Error != ReasonCode.Success ? scanner.Error : reader.Error;
    }

    /// <summary>The codes that the specification lists for the packet [MQTT-3.4.2-1], [MQTT-3.6.2-1], [MQTT-3.14.2-1].</summary>
    private static bool ReasonAllowed(PacketType type, ReasonCode reason) => type switch
    {
        PacketType.Puback or PacketType.Pubrec => reason is ReasonCode.Success or ReasonCode.NoMatchingSubscribers
            or ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized
            or ReasonCode.TopicNameInvalid or ReasonCode.PacketIdentifierInUse or ReasonCode.QuotaExceeded
            or ReasonCode.PayloadFormatInvalid,
        PacketType.Pubrel or PacketType.Pubcomp => reason is ReasonCode.Success or ReasonCode.PacketIdentifierNotFound,
        PacketType.Disconnect => reason is ReasonCode.Success or ReasonCode.DisconnectWithWill
            or (>= ReasonCode.UnspecifiedError and <= ReasonCode.WildcardSubscriptionsNotSupported),
        _ => true,
    };
}
