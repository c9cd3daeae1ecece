using System.Text;

namespace CareHub.Mqtt.Tests.Support;

/// <summary>A packet as it came from the broker, and plain ways to look into it.</summary>
internal sealed class Received(byte header, byte[] body, int level)
{
    public byte Header { get; } = header;

    public byte[] Body { get; } = body;

    public int Type => Header >> 4;

    public int Qos => (Header >> 1) & 3;

    public bool Retain => (Header & 1) != 0;

    public bool Dup => (Header & 8) != 0;

    /// <summary>Of a PUBLISH.</summary>
    public string Topic => Encoding.UTF8.GetString(Body, 2, TopicBytes);

    /// <summary>Packet identifier of a PUBLISH or an acknowledgement.</summary>
    public int Id => Type == 3 ? (Body[2 + TopicBytes] << 8) | Body[3 + TopicBytes] : (Body[0] << 8) | Body[1];

    /// <summary>Of a PUBLISH.</summary>
    public string Payload => Encoding.UTF8.GetString(Body.AsSpan(PropertiesAt + PropertiesBytes));

    /// <summary>Reason of a CONNACK, an acknowledgement or a DISCONNECT.</summary>
    public int Reason => Type switch
    {
        2 => Body[1],
        14 => Body.Length > 0 ? Body[0] : 0,
        _ => Body.Length > 2 ? Body[2] : 0,
    };

    public bool SessionPresent => Body[0] == 1;

    /// <summary>Codes of a SUBACK or UNSUBACK.</summary>
    public byte[] Codes => level == 5 ? Body[(3 + Body[2])..] : Body[2..];

    /// <summary>Properties as (identifier, bytes) in order; user properties as name=value text.</summary>
    public List<(int Id, byte[] Value)> Properties
    {
        get
        {
            var found = new List<(int, byte[])>();
            if (level != 5)
            {
                return found;
            }

            var at = PropertiesAt;
            var length = VarInt(ref at);
            var end = at + length;
            while (at < end)
            {
                var id = Body[at++];
                var start = at;
                at += SizeOf(id, at);
                found.Add((id, Body[start..at]));
            }

            return found;
        }
    }

    public byte[]? Property(int id) => Properties.Where(p => p.Id == id).Select(p => p.Value).FirstOrDefault();

    public uint? Number(int id) => Property(id) is { } bytes ? bytes.Aggregate(0u, (sum, b) => (sum << 8) | b) : null;

    public string? Text(int id) => Property(id) is { } bytes ? Encoding.UTF8.GetString(bytes, 2, bytes.Length - 2) : null;

    private int TopicBytes => (Body[0] << 8) | Body[1];

    private int PropertiesAt => Type switch
    {
        3 => 2 + TopicBytes + (Qos > 0 ? 2 : 0),
        2 or 9 or 11 => 2,
        14 or 15 => 1,
        _ => 3,
    };

    private int PropertiesBytes
    {
        get
        {
            if (level != 5)
            {
                return 0;
            }

            var at = PropertiesAt;
            var length = VarInt(ref at);
            return at - PropertiesAt + length;
        }
    }

    public override string ToString() => $"{Header:X2} {Convert.ToHexString(Body)}";

    private int VarInt(ref int at)
    {
        if (at >= Body.Length)
        {
            return 0;
        }

        int value = 0, shift = 0;
        byte b;
        do
        {
            b = Body[at++];
            value |= (b & 0x7F) << shift;
            shift += 7;
        }
        while (b >= 0x80);
        return value;
    }

    private int SizeOf(int id, int at)
    {
        switch (id)
        {
            case 0x01 or 0x17 or 0x19 or 0x24 or 0x25 or 0x28 or 0x29 or 0x2A:
                return 1;
            case 0x13 or 0x21 or 0x22 or 0x23:
                return 2;
            case 0x02 or 0x11 or 0x18 or 0x27:
                return 4;
            case 0x0B:
                var start = at;
                VarInt(ref at);
                return at - start;
            case 0x26:
                var name = 2 + ((Body[at] << 8) | Body[at + 1]);
                return name + 2 + ((Body[at + name] << 8) | Body[at + name + 1]);
            default:
                return 2 + ((Body[at] << 8) | Body[at + 1]);
        }
    }
}
