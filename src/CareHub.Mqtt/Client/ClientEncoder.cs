using System.Text;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>The packets that only clients send.</summary>
internal static class ClientEncoder
{
    public static byte[] Connect(MqttClientOptions options)
    {
        var v5 = options.Version == MqttVersion.V5;
        var writer = new PacketWriter();
        writer.Utf8("MQTT");
        writer.Byte((byte)options.Version);
        writer.Byte((byte)Flags(options));
        writer.UInt16(options.KeepAliveSeconds);
        if (v5)
        {
            var properties = new PacketWriter();
            if (options.SessionExpirySeconds != 0)
            {
                properties.Property(PropertyId.SessionExpiryInterval, options.SessionExpirySeconds);
            }

            properties.Property(PropertyId.ReceiveMaximum, options.ReceiveMaximum);
            properties.Property(PropertyId.MaximumPacketSize, (uint)options.PacketBytesMax);
            writer.Section(properties);
        }

        writer.Utf8(options.ClientId);
        if (options.Will is { } will)
        {
            if (v5)
            {
                var properties = new PacketWriter();
                if (will.DelaySeconds != 0)
                {
                    properties.Property(PropertyId.WillDelayInterval, will.DelaySeconds);
                }

                Write(properties, will.Properties, withExpiry: true);
                writer.Section(properties);
            }

            writer.Utf8(will.Topic);
            writer.Binary(will.Payload.Span);
        }

        if (options.Username is { } username)
        {
            writer.Utf8(username);
        }

        if (options.Password is { } password)
        {
            writer.Binary(Encoding.UTF8.GetBytes(password));
        }

        return writer.ToPacket(PacketType.Connect);
    }

    public static byte[] Subscribe(ushort packetId, bool v5, IReadOnlyList<MqttSubscription> subscriptions, uint identifier)
    {
        var writer = new PacketWriter();
        writer.UInt16(packetId);
        if (v5)
        {
            var properties = new PacketWriter();
            if (identifier != 0)
            {
                properties.Property(PropertyId.SubscriptionIdentifier, identifier);
            }

            writer.Section(properties);
        }

        foreach (var subscription in subscriptions)
        {
            writer.Utf8(subscription.TopicFilter);
            var options = (int)subscription.Qos;
            if (v5)
            {
                options |= (subscription.NoLocal ? 4 : 0) | (subscription.RetainAsPublished ? 8 : 0) | (subscription.RetainHandling << 4);
            }

            writer.Byte((byte)options);
        }

        return writer.ToPacket(PacketType.Subscribe, 2);
    }

    public static byte[] Unsubscribe(ushort packetId, bool v5, IReadOnlyList<string> filters)
    {
        var writer = new PacketWriter();
        writer.UInt16(packetId);
        if (v5)
        {
            writer.Byte(0);
        }

        foreach (var filter in filters)
        {
            writer.Utf8(filter);
        }

        return writer.ToPacket(PacketType.Unsubscribe, 2);
    }

    /// <summary>Properties of a publish, without the expiry, which the PUBLISH encoder writes itself.</summary>
    public static byte[] Forwarded(MqttPublishProperties? properties)
    {
        if (properties is null)
        {
            return [];
        }

        var writer = new PacketWriter();
        Write(writer, properties, withExpiry: false);
        return writer.Written.ToArray();
    }

    private static int Flags(MqttClientOptions options) =>
        (options.CleanStart ? 0x02 : 0)
        | (options.Will is { } will ? 0x04 | (will.Qos << 3) | (will.Retain ? 0x20 : 0) : 0)
        | (options.Password is null ? 0 : 0x40)
        | (options.Username is null ? 0 : 0x80);

    private static void Write(PacketWriter writer, MqttPublishProperties? properties, bool withExpiry)
    {
        if (properties is null)
        {
            return;
        }

        if (properties.PayloadIsUtf8)
        {
            writer.Property(PropertyId.PayloadFormatIndicator, 1);
        }

        if (withExpiry && properties.ExpirySeconds is { } expiry)
        {
            writer.Property(PropertyId.MessageExpiryInterval, expiry);
        }

        if (properties.ContentType is { } contentType)
        {
            writer.Property(PropertyId.ContentType, contentType);
        }

        if (properties.ResponseTopic is { } responseTopic)
        {
            writer.Property(PropertyId.ResponseTopic, responseTopic);
        }

        if (properties.CorrelationData is { } correlation)
        {
            writer.Property(PropertyId.CorrelationData, correlation.Span);
        }

        foreach (var property in properties.UserProperties)
        {
            writer.UserProperty(property.Name, property.Value);
        }
    }
}
