using System.Buffers.Binary;
using System.Text;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>Writes PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT.</summary>
internal static class AckEncoder
{
    /// <summary>Longest result of <see cref="Write"/> without a reason string.</summary>
    public const int ShortBytesMax = 5;

    public static ReadOnlySpan<byte> Pingresp => [(int)PacketType.Pingresp << 4, 0];

    public static ReadOnlySpan<byte> Pingreq => [(int)PacketType.Pingreq << 4, 0];

    /// <summary>An acknowledgement without properties: four bytes, five when 5.0 has a reason to tell.</summary>
    public static int Write(Span<byte> destination, PacketType type, ushort packetId, bool v5, ReasonCode reason)
    {
        destination[0] = (byte)(((int)type << 4) | (type == PacketType.Pubrel ? 2 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], packetId);
        if (!v5 || reason == ReasonCode.Success)
        {
            destination[1] = 2;
            return 4;
        }

        destination[1] = 3;
        destination[4] = (byte)reason;
        return 5;
    }

    /// <summary>A 5.0 acknowledgement with a reason string.</summary>
    public static byte[] WithReasonString(PacketType type, ushort packetId, ReasonCode reason, string reasonString)
    {
        var writer = new PacketWriter();
        writer.UInt16(packetId);
        writer.Byte((byte)reason);
        writer.Section(ReasonStringSection(reasonString));
        return writer.ToPacket(type, type == PacketType.Pubrel ? 2 : 0);
    }

    /// <summary>SUBACK, or UNSUBACK of 5.0.</summary>
    public static byte[] WithCodes(PacketType type, ushort packetId, bool v5, ReadOnlySpan<byte> codes)
    {
        var writer = new PacketWriter();
        writer.UInt16(packetId);
        if (v5)
        {
            writer.Byte(0);
        }

        if (v5 || type == PacketType.Suback)
        {
            writer.Bytes(codes);
        }

        return writer.ToPacket(type);
    }

    public static byte[] Disconnect(ReasonCode reason, string? reasonString = null, uint? sessionExpirySeconds = null)
    {
        var writer = new PacketWriter();
        if (reason != ReasonCode.Success || reasonString is not null || sessionExpirySeconds is not null)
        {
            writer.Byte((byte)reason);
        }

        if (reasonString is not null || sessionExpirySeconds is not null)
        {
            var properties = reasonString is null ? new PacketWriter() : ReasonStringSection(reasonString);
            if (sessionExpirySeconds is { } expiry)
            {
                properties.Property(PropertyId.SessionExpiryInterval, expiry);
            }

            writer.Section(properties);
        }

        return writer.ToPacket(PacketType.Disconnect);
    }

    private static PacketWriter ReasonStringSection(string reasonString)
    {
        var properties = new PacketWriter();
        properties.Property(PropertyId.ReasonString, Fit(reasonString));
        return properties;
    }

    /// <summary>A string field holds at most 65,535 bytes; a longer explanation is cut, not refused.</summary>
    public static string Fit(string text) =>
        Encoding.UTF8.GetByteCount(text) <= ushort.MaxValue ? text : text[..(ushort.MaxValue / 4)];
}
