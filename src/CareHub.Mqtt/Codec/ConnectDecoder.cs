using System.Text;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Codec;

/// <summary>CONNECT, MQTT 5.0 §3.1 and MQTT 3.1.1 §3.1.</summary>
internal static class ConnectDecoder
{
    private const int FlagReserved = 0x01;
    private const int FlagCleanStart = 0x02;
    private const int FlagWill = 0x04;
    private const int FlagWillQos = 0x18;
    private const int FlagWillRetain = 0x20;
    private const int FlagPassword = 0x40;
    private const int FlagUsername = 0x80;

    /// <summary>
    /// Decodes. On a fault <see cref="ConnectPacket.Level"/> says which version the answer has to be written in;
    /// 0 means that it is not MQTT at all and no answer is due [MQTT-3.1.2-1].
    /// </summary>
    public static ReasonCode Decode(ReadOnlySpan<byte> body, ConnectPacket connect)
    {
        var reader = new PacketReader(body);
        var name = reader.ReadUtf8();
        var level = reader.ReadByte();
        if (reader.Error != ReasonCode.Success)
        {
            return reader.Error;
        }

        if (!name.SequenceEqual("MQTT"u8) && !name.SequenceEqual("MQIsdp"u8))
        {
            return ReasonCode.UnsupportedProtocolVersion;
        }

        connect.NameKnown = true;
        connect.Level = level;
        var known = name.Length == 4 ? level is ProtocolLevel.V311 or ProtocolLevel.V5 : level == ProtocolLevel.V31;
        return known ? DecodeRest(ref reader, connect) : ReasonCode.UnsupportedProtocolVersion; // [MQTT-3.1.2-2]
    }

    private static ReasonCode DecodeRest(ref PacketReader reader, ConnectPacket connect)
    {
        var flags = reader.ReadByte();
        if (!FlagsValid(flags, connect.V5))
        {
            return ReasonCode.MalformedPacket;
        }

        connect.CleanStart = (flags & FlagCleanStart) != 0;
        connect.KeepAliveSeconds = reader.ReadUInt16();
        if (connect.V5)
        {
            var error = DecodeProperties(ref reader, connect);
            if (error != ReasonCode.Success)
            {
                return error;
            }
        }

        connect.ClientId = Encoding.UTF8.GetString(reader.ReadUtf8());
        if ((flags & FlagWill) != 0)
        {
            var error = DecodeWill(ref reader, flags, connect);
            if (error != ReasonCode.Success)
            {
                return error;
            }
        }

        if ((flags & FlagUsername) != 0)
        {
            connect.Username = Encoding.UTF8.GetString(reader.ReadUtf8());
        }

        if ((flags & FlagPassword) != 0)
        {
            connect.Password = reader.ReadBinary().ToArray();
        }

        if (!reader.AtEnd)
        {
            reader.Fail(ReasonCode.MalformedPacket); // [MQTT-3.1.3-1]: nothing may follow
        }

        return reader.Error;
    }

    private static bool FlagsValid(int flags, bool v5)
    {
        if ((flags & FlagReserved) != 0)
        {
            return false; // [MQTT-3.1.2-3]
        }

        if ((flags & FlagWill) == 0 ? (flags & (FlagWillQos | FlagWillRetain)) != 0 : (flags & FlagWillQos) == FlagWillQos)
        {
            return false; // [MQTT-3.1.2-11], [MQTT-3.1.2-12], [MQTT-3.1.2-13]
        }

        // 3.1.1 wants a user name beside a password [MQTT-3.1.2-22 of 3.1.1]; 5.0 does not.
        return v5 || (flags & (FlagUsername | FlagPassword)) != FlagPassword;
    }

    private static ReasonCode DecodeProperties(ref PacketReader reader, ConnectPacket connect)
    {
        var scanner = PropertyScanner.Begin(ref reader, PacketType.Connect);
        var authenticationData = false;
        while (scanner.Next())
        {
            switch (scanner.Id)
            {
                case PropertyId.SessionExpiryInterval:
                    connect.SessionExpirySeconds = scanner.Number;
                    break;
                case PropertyId.ReceiveMaximum:
                    connect.ReceiveMaximum = (ushort)scanner.Number;
                    break;
                case PropertyId.MaximumPacketSize:
                    connect.PacketBytesMax = scanner.Number;
                    break;
                case PropertyId.TopicAliasMaximum:
                    connect.TopicAliasMaximum = (ushort)scanner.Number;
                    break;
                case PropertyId.RequestResponseInformation:
                    connect.RequestResponseInformation = scanner.Number != 0;
                    break;
                case PropertyId.RequestProblemInformation:
                    connect.RequestProblemInformation = scanner.Number != 0;
                    break;
                case PropertyId.AuthenticationMethod:
                    connect.AuthenticationMethod = Encoding.UTF8.GetString(scanner.Data);
                    break;
                case PropertyId.AuthenticationData:
                    authenticationData = true;
                    break;
                default:
                    break;
            }
        }

        if (scanner.Error == ReasonCode.Success && authenticationData && connect.AuthenticationMethod is null)
        {
            return ReasonCode.ProtocolError; // §3.1.2.11.10
        }

        return scanner.Error != ReasonCode.Success ? scanner.Error : reader.Error;
    }

    private static ReasonCode DecodeWill(ref PacketReader reader, int flags, ConnectPacket connect)
    {
        byte[] properties = [];
        uint delay = 0;
        uint? expiry = null;
        if (connect.V5)
        {
            var scanner = PropertyScanner.Begin(ref reader, PropertyScanner.Will);
            var error = ScanWill(ref scanner, out delay, out expiry, out properties);
            if (error != ReasonCode.Success)
            {
                return error;
            }
        }

        var topic = reader.ReadUtf8();
        if (reader.Error == ReasonCode.Success && !TopicRules.IsValidName(topic))
        {
            return ReasonCode.MalformedPacket; // [MQTT-4.7.1-1], [MQTT-4.7.3-1]
        }

        connect.Will = new WillMessage
        {
            Topic = topic.ToArray(),
            Payload = reader.ReadBinary().ToArray(),
            Properties = properties,
            Qos = (byte)((flags & FlagWillQos) >> 3),
            Retain = (flags & FlagWillRetain) != 0,
            DelaySeconds = delay,
            ExpirySeconds = expiry,
        };
        return reader.Error;
    }

    private static ReasonCode ScanWill(ref PropertyScanner scanner, out uint delay, out uint? expiry, out byte[] properties)
    {
        delay = 0;
        expiry = null;
        properties = [];
        var kept = new List<byte>(scanner.All.Length);
        while (scanner.Next())
        {
            switch (scanner.Id)
            {
                case PropertyId.WillDelayInterval:
                    delay = scanner.Number;
                    break;
                case PropertyId.MessageExpiryInterval:
                    expiry = scanner.Number;
                    break;
                case PropertyId.ResponseTopic when !TopicRules.IsValidName(scanner.Data):
                    return ReasonCode.ProtocolError; // [MQTT-3.3.2-14]
                default:
                    kept.AddRange(scanner.Current);
                    break;
            }
        }

        properties = [.. kept];
        return scanner.Error;
    }
}
