using System.Buffers.Binary;
using System.Text;

namespace CareHub.Bench.Pipeline;

/// <summary>A QoS 1 or 0 publish of the native form, short enough for one byte of length.</summary>
internal static class SignalPacket
{
    public static byte[] Of(string device, string leaf, string json, ushort id, int qos = 1)
    {
        var topic = Encoding.ASCII.GetBytes($"care/v1/{device}/{leaf}");
        var payload = Encoding.ASCII.GetBytes(json);
        var packet = new byte[2 + 2 + topic.Length + (qos > 0 ? 2 : 0) + payload.Length];
        packet[0] = (byte)(0x30 | (qos << 1));
        packet[1] = (byte)(packet.Length - 2);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)topic.Length);
        topic.CopyTo(packet, 4);
        if (qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4 + topic.Length), id);
        }

        payload.CopyTo(packet, packet.Length - payload.Length);
        return packet;
    }
}
