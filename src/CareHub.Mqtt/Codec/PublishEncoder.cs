using System.Buffers.Binary;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>What differs between the copies of one message that go to different receivers.</summary>
internal struct PublishHead
{
    public bool V5;
    public byte Qos;
    public bool Retain;
    public bool Duplicate;
    public ushort PacketId;

    /// <summary>0 for none; with <see cref="AliasKnown"/> the topic itself is left out.</summary>
    public ushort Alias;
    public bool AliasKnown;

    /// <summary>Seconds that are left; null when the message does not expire.</summary>
    public uint? ExpirySeconds;

    /// <summary>One subscription identifier for each matching subscription that has one; null for none [MQTT-3.3.4-3].</summary>
    public uint[]? SubscriptionIds;
}

/// <summary>Writes a PUBLISH: first <see cref="Measure"/>, then <see cref="Write"/> into exactly that many bytes.</summary>
internal static class PublishEncoder
{
    private const int ExpiryBytes = 5;
    private const int AliasBytes = 3;

    public static int Measure(in PublishHead head, int topicBytes, int forwardedBytes, int payloadBytes)
    {
        var body = BodyBytes(head, topicBytes, forwardedBytes, payloadBytes, out _);
        return 1 + VariableByteInteger.SizeOf((uint)body) + body;
    }

    public static void Write(
        Span<byte> destination,
        in PublishHead head,
        ReadOnlySpan<byte> topic,
        in ForwardedProperties forwarded,
        ReadOnlySpan<byte> payload)
    {
        var body = BodyBytes(head, topic.Length, forwarded.Length, payload.Length, out var propertyBytes);
        destination[0] = (byte)(((int)PacketType.Publish << 4) | (head.Duplicate ? 8 : 0) | (head.Qos << 1) | (head.Retain ? 1 : 0));
        var at = 1 + VariableByteInteger.Write(destination[1..], (uint)body);
        if (head.AliasKnown)
        {
            topic = default;
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)topic.Length);
        at += 2;
        topic.CopyTo(destination[at..]);
        at += topic.Length;
        if (head.Qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], head.PacketId);
            at += 2;
        }

        if (head.V5)
        {
            at += VariableByteInteger.Write(destination[at..], (uint)propertyBytes);
            at += WriteProperties(destination[at..], head, forwarded);
        }

        payload.CopyTo(destination[at..]);
    }

    private static int BodyBytes(in PublishHead head, int topicBytes, int forwardedBytes, int payloadBytes, out int propertyBytes)
    {
        var body = 2 + (head.AliasKnown ? 0 : topicBytes) + (head.Qos > 0 ? 2 : 0) + payloadBytes;
        propertyBytes = 0;
        if (!head.V5)
        {
            return body;
        }

        propertyBytes = forwardedBytes + (head.ExpirySeconds is null ? 0 : ExpiryBytes) + (head.Alias == 0 ? 0 : AliasBytes);
        if (head.SubscriptionIds is { } ids)
        {
            foreach (var id in ids)
            {
                propertyBytes += 1 + VariableByteInteger.SizeOf(id);
            }
        }

        return body + VariableByteInteger.SizeOf((uint)propertyBytes) + propertyBytes;
    }

    private static int WriteProperties(Span<byte> destination, in PublishHead head, in ForwardedProperties forwarded)
    {
        forwarded.CopyTo(destination);
        var at = forwarded.Length;
        if (head.ExpirySeconds is { } expiry)
        {
            destination[at] = (byte)PropertyId.MessageExpiryInterval;
            BinaryPrimitives.WriteUInt32BigEndian(destination[(at + 1)..], expiry);
            at += ExpiryBytes;
        }

        if (head.Alias != 0)
        {
            destination[at] = (byte)PropertyId.TopicAlias;
            BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 1)..], head.Alias);
            at += AliasBytes;
        }

        if (head.SubscriptionIds is { } ids)
        {
            foreach (var id in ids)
            {
                destination[at++] = (byte)PropertyId.SubscriptionIdentifier;
                at += VariableByteInteger.Write(destination[at..], id);
            }
        }

        return at;
    }
}
