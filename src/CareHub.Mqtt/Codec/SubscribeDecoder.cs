using System.Text;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Codec;

/// <summary>One entry of a SUBSCRIBE.</summary>
internal readonly record struct SubscriptionRequest(
    string TopicFilter,
    SharedFilter Shared,
    byte Qos,
    bool NoLocal,
    bool RetainAsPublished,
    byte RetainHandling);

/// <summary>SUBSCRIBE and UNSUBSCRIBE, MQTT 5.0 §3.8 and §3.10.</summary>
internal static class SubscribeDecoder
{
    public static ReasonCode DecodeSubscribe(
        ReadOnlySpan<byte> body,
        bool v5,
        int requestsMax,
        out ushort packetId,
        out uint subscriptionId,
        List<SubscriptionRequest> requests)
    {
        subscriptionId = 0;
        var reader = new PacketReader(body);
        var error = ReadPacketId(ref reader, out packetId);
        if (error != ReasonCode.Success)
        {
            return error;
        }

        if (v5)
        {
            var scanner = PropertyScanner.Begin(ref reader, PacketType.Subscribe);
            while (scanner.Next())
            {
                if (scanner.Id == PropertyId.SubscriptionIdentifier)
                {
                    subscriptionId = scanner.Number;
                }
            }

            if (scanner.Error != ReasonCode.Success)
            {
                return scanner.Error;
            }
        }

        if (reader.AtEnd && reader.Error == ReasonCode.Success)
        {
            return ReasonCode.ProtocolError; // [MQTT-3.8.3-2]
        }

        while (!reader.AtEnd)
        {
            error = requests.Count < requestsMax ? ReadRequest(ref reader, v5, requests) : ReasonCode.QuotaExceeded;
            if (error != ReasonCode.Success)
            {
                return error;
            }
        }

        return reader.Error;
    }

    public static ReasonCode DecodeUnsubscribe(ReadOnlySpan<byte> body, bool v5, int filtersMax, out ushort packetId, List<string> filters)
    {
        var reader = new PacketReader(body);
        var error = ReadPacketId(ref reader, out packetId);
        if (error != ReasonCode.Success)
        {
            return error;
        }

        if (v5)
        {
            var scanner = PropertyScanner.Begin(ref reader, PacketType.Unsubscribe);
            while (scanner.Next())
            {
            }

            if (scanner.Error != ReasonCode.Success)
            {
                return scanner.Error;
            }
        }

        if (reader.AtEnd && reader.Error == ReasonCode.Success)
        {
            return ReasonCode.ProtocolError; // [MQTT-3.10.3-2]
        }

        while (!reader.AtEnd)
        {
            var filter = "";
            error = filters.Count < filtersMax ? ReadFilter(ref reader, out filter, out _) : ReasonCode.QuotaExceeded;
            if (error != ReasonCode.Success)
            {
                return error;
            }

            filters.Add(filter);
        }

        return reader.Error;
    }

    private static ReasonCode ReadPacketId(ref PacketReader reader, out ushort packetId)
    {
        packetId = reader.ReadUInt16();
        return packetId == 0 ? ReasonCode.MalformedPacket : ReasonCode.Success; // [MQTT-2.2.1-3]
    }

    private static ReasonCode ReadRequest(ref PacketReader reader, bool v5, List<SubscriptionRequest> requests)
    {
        var error = ReadFilter(ref reader, out var filter, out var shared);
        if (error != ReasonCode.Success)
        {
            return error;
        }

        var options = reader.ReadByte();
        if (reader.Error != ReasonCode.Success)
        {
            return reader.Error;
        }

        // Reserved bits: [MQTT-3.8.3-5]; [MQTT-3-8.3-4] of 3.1.1, which also has QoS 3 there.
        if ((options & (v5 ? 0xC0 : 0xFC)) != 0)
        {
            return ReasonCode.MalformedPacket;
        }

        var qos = (byte)(options & 3);
        var retainHandling = (byte)((options >> 4) & 3);
        var noLocal = (options & 4) != 0;
        if (qos == 3 || retainHandling == 3 || (noLocal && shared.Group is not null))
        {
            return ReasonCode.ProtocolError; // §3.8.3.1, [MQTT-3.8.3-4]
        }

        requests.Add(new SubscriptionRequest(filter, shared, qos, noLocal, (options & 8) != 0, retainHandling));
        return ReasonCode.Success;
    }

    private static ReasonCode ReadFilter(ref PacketReader reader, out string filter, out SharedFilter shared)
    {
        var utf8 = reader.ReadUtf8();
        filter = "";
        shared = default;
        if (reader.Error != ReasonCode.Success)
        {
            return reader.Error;
        }

        filter = Encoding.UTF8.GetString(utf8);
        return TopicRules.IsValidFilter(utf8) && SharedFilter.TryParse(filter, out shared)
            ? ReasonCode.Success
            : ReasonCode.MalformedPacket; // [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1], [MQTT-4.8.2-2]
    }
}
