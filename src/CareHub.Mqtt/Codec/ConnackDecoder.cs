using System.Text;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>CONNACK as a client reads it, MQTT 5.0 §3.2.</summary>
internal static class ConnackDecoder
{
    public static ReasonCode Decode(ReadOnlySpan<byte> body, bool v5, out ConnackPacket connack)
    {
        connack = new ConnackPacket();
        var reader = new PacketReader(body);
        var flags = reader.ReadByte();
        var code = reader.ReadByte();
        if (reader.Error != ReasonCode.Success || (flags & 0xFE) != 0)
        {
            return ReasonCode.MalformedPacket; // [MQTT-3.2.2-1]
        }

        connack.SessionPresent = flags == 1;
        if (!v5 || reader.AtEnd)
        {
            // A server that does not know 5.0 answers in the old form.
            connack.Reason = ConnackEncoder.ReasonOf(code);
            return reader.AtEnd ? ReasonCode.Success : ReasonCode.MalformedPacket;
        }

        connack.Reason = (ReasonCode)code;
        var scanner = PropertyScanner.Begin(ref reader, PacketType.Connack);
        while (scanner.Next())
        {
            Take(connack, scanner);
        }

        return scanner.Error != ReasonCode.Success ? scanner.Error : reader.Error;
    }

    private static void Take(ConnackPacket connack, in PropertyScanner scanner)
    {
        switch (scanner.Id)
        {
            case PropertyId.SessionExpiryInterval:
                connack.SessionExpirySeconds = scanner.Number;
                break;
            case PropertyId.ReceiveMaximum:
                connack.ReceiveMaximum = (ushort)scanner.Number;
                break;
            case PropertyId.MaximumQos:
                connack.QosMax = (byte)scanner.Number;
                break;
            case PropertyId.RetainAvailable:
                connack.RetainAvailable = scanner.Number != 0;
                break;
            case PropertyId.MaximumPacketSize:
                connack.PacketBytesMax = scanner.Number;
                break;
            case PropertyId.AssignedClientIdentifier:
                connack.AssignedClientId = Encoding.UTF8.GetString(scanner.Data);
                break;
            case PropertyId.TopicAliasMaximum:
                connack.TopicAliasMaximum = (ushort)scanner.Number;
                break;
            case PropertyId.ReasonString:
                connack.ReasonString = Encoding.UTF8.GetString(scanner.Data);
                break;
            case PropertyId.ServerKeepAlive:
                connack.ServerKeepAliveSeconds = (ushort)scanner.Number;
                break;
            case PropertyId.ResponseInformation:
                connack.ResponseInformation = Encoding.UTF8.GetString(scanner.Data);
                break;
            default:
                break;
        }
    }
}
