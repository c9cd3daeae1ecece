using System.Buffers;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

internal enum FrameStatus : byte
{
    Complete,
    Incomplete,
    Malformed,
    TooLarge,
}

/// <summary>Fixed header of a control packet, MQTT 5.0 §2.1.1, and where its body lies.</summary>
internal readonly record struct Frame(byte Header, int BodyOffset, int BodyLength)
{
    public PacketType Type => (PacketType)(Header >> 4);

    public int Flags => Header & 0x0F;

    public int Length => BodyOffset + BodyLength;

    /// <summary>
    /// Reads the fixed header at the start of the span. The header is judged as soon as it is there, without
    /// waiting for the body: flags [MQTT-2.1.3-1], the reserved type 0, a length of five bytes, a size above the limit.
    /// </summary>
    public static FrameStatus TryRead(ReadOnlySpan<byte> span, int packetBytesMax, out Frame frame)
    {
        frame = default;
        if (span.IsEmpty)
        {
            return FrameStatus.Incomplete;
        }

        var header = span[0];
        if (!HeaderValid(header))
        {
            return FrameStatus.Malformed;
        }

        var used = VariableByteInteger.Read(span[1..], out var bodyLength);
        if (used <= 0)
        {
            return used == 0 ? FrameStatus.Incomplete : FrameStatus.Malformed;
        }

        if (1 + used + bodyLength > packetBytesMax)
        {
            return FrameStatus.TooLarge;
        }

        frame = new Frame(header, 1 + used, (int)bodyLength);
        return span.Length >= frame.Length ? FrameStatus.Complete : FrameStatus.Incomplete;
    }

    /// <summary>The same over several segments; the whole packet may still lie across them.</summary>
    public static FrameStatus TryRead(in ReadOnlySequence<byte> sequence, int packetBytesMax, out Frame frame)
    {
        Span<byte> head = stackalloc byte[5];
        var available = (int)Math.Min(5, sequence.Length);
        sequence.Slice(0, available).CopyTo(head);
        var status = TryRead(head[..available], packetBytesMax, out frame);
        return status == FrameStatus.Incomplete && frame.BodyOffset > 0 && sequence.Length >= frame.Length
            ? FrameStatus.Complete
            : status;
    }

    private static bool HeaderValid(byte header) => (PacketType)(header >> 4) switch
    {
        PacketType.Reserved => false,
        // QoS 3 is malformed [MQTT-3.3.1-4]; DUP needs QoS above 0 [MQTT-3.3.1-2].
        PacketType.Publish => (header & 0x06) != 0x06 && (header & 0x0E) != 0x08,
        PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe => (header & 0x0F) == 0x02,
        _ => (header & 0x0F) == 0,
    };
}
