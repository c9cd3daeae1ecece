using System.Text;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>What only clients read.</summary>
internal static class ClientDecoder
{
    /// <summary>A decoded PUBLISH as the message that the caller sees.</summary>
    public static MqttMessage Message(in DecodedPublish publish) => new()
    {
        Topic = Encoding.UTF8.GetString(publish.Topic),
        Payload = publish.Payload.ToArray(),
        Qos = publish.Qos,
        Retain = publish.Retain,
        Duplicate = publish.Duplicate,
        Properties = publish.Properties.IsEmpty ? null : Properties(publish),
    };

    /// <summary>Codes of a SUBACK or UNSUBACK; the UNSUBACK of 3.1.1 has none.</summary>
    public static ReasonCode Codes(PacketType type, ReadOnlySpan<byte> body, bool v5, out ushort packetId, out ReasonCode[] codes)
    {
        var reader = new PacketReader(body);
        packetId = reader.ReadUInt16();
        codes = [];
        if (v5)
        {
            var scanner = PropertyScanner.Begin(ref reader, type);
            while (scanner.Next())
            {
            }

            if (scanner.Error != ReasonCode.Success)
            {
                return scanner.Error;
            }
        }

        codes = new ReasonCode[reader.Rest.Length];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (ReasonCode)reader.ReadByte();
        }

        return reader.Error;
    }

    private static MqttPublishProperties Properties(in DecodedPublish publish)
    {
        // The decoder has validated the section; this walk only collects.
        var section = new PacketWriter();
        section.VariableInteger((uint)publish.Properties.Length);
        section.Bytes(publish.Properties);
        var reader = new PacketReader(section.Written);
        var scanner = PropertyScanner.Begin(ref reader, PacketType.Publish);
        var isUtf8 = false;
        string? contentType = null, responseTopic = null;
        ReadOnlyMemory<byte>? correlation = null;
        var user = new List<MqttUserProperty>();
        var ids = new List<uint>();
        while (scanner.Next())
        {
            switch (scanner.Id)
            {
                case PropertyId.PayloadFormatIndicator:
                    isUtf8 = scanner.Number == 1;
                    break;
                case PropertyId.ContentType:
                    contentType = Encoding.UTF8.GetString(scanner.Data);
                    break;
                case PropertyId.ResponseTopic:
                    responseTopic = Encoding.UTF8.GetString(scanner.Data);
                    break;
                case PropertyId.CorrelationData:
                    correlation = scanner.Data.ToArray();
                    break;
                case PropertyId.UserProperty:
                    user.Add(new MqttUserProperty(Encoding.UTF8.GetString(scanner.Data), Encoding.UTF8.GetString(scanner.Value)));
                    break;
                case PropertyId.SubscriptionIdentifier:
                    ids.Add(scanner.Number);
                    break;
                default:
                    break;
            }
        }

        return new MqttPublishProperties
        {
            PayloadIsUtf8 = isUtf8,
            ExpirySeconds = publish.ExpirySeconds,
            ContentType = contentType,
            ResponseTopic = responseTopic,
            CorrelationData = correlation,
            UserProperties = user,
            SubscriptionIdentifiers = ids,
        };
    }
}
