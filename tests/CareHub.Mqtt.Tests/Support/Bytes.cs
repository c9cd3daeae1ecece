using System.Text;

namespace CareHub.Mqtt.Tests.Support;

/// <summary>
/// Packets written by hand, byte by byte, without the codec under test: an encoder and a decoder that share a
/// misunderstanding would otherwise agree with each other.
/// </summary>
internal static class Bytes
{
    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "").Replace("\n", ""));

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    public static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] U32(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static byte[] VarInt(int value)
    {
        var bytes = new List<byte>();
        do
        {
            var low = (byte)(value % 128);
            value /= 128;
            bytes.Add(value > 0 ? (byte)(low | 0x80) : low);
        }
        while (value > 0);
        return [.. bytes];
    }

    public static byte[] Str(string text) => Bin(Encoding.UTF8.GetBytes(text));

    public static byte[] Bin(byte[] data) => Join(U16(data.Length), data);

    public static byte[] Packet(int header, params byte[][] parts)
    {
        var body = Join(parts);
        return Join([(byte)header], VarInt(body.Length), body);
    }

    /// <summary>A property section with its length.</summary>
    public static byte[] Props(params byte[][] properties)
    {
        var all = Join(properties);
        return Join(VarInt(all.Length), all);
    }

    public static byte[] Prop(int id, params byte[] value) => Join([(byte)id], value);

    public static byte[] UserProp(string name, string value) => Join([0x26], Str(name), Str(value));

    public static byte[] Connect(
        int level,
        string clientId = "c",
        bool clean = true,
        int keepAlive = 0,
        byte[][]? props = null,
        byte[]? will = null,
        int willQos = 0,
        bool willRetain = false,
        string? user = null,
        byte[]? password = null)
    {
        var flags = (clean ? 0x02 : 0) | (will is null ? 0 : 0x04 | (willQos << 3) | (willRetain ? 0x20 : 0))
            | (password is null ? 0 : 0x40) | (user is null ? 0 : 0x80);
        return Packet(
            0x10,
            Str("MQTT"),
            [(byte)level, (byte)flags],
            U16(keepAlive),
            level == 5 ? Props(props ?? []) : [],
            Str(clientId),
            will ?? [],
            user is null ? [] : Str(user),
            password is null ? [] : Bin(password));
    }

    /// <summary>Will fields of a CONNECT.</summary>
    public static byte[] Will(int level, string topic, string payload, params byte[][] props) =>
        Join(level == 5 ? Props(props) : [], Str(topic), Str(payload));

    public static byte[] Publish(
        int level,
        string topic,
        string payload,
        int qos = 0,
        int id = 0,
        bool retain = false,
        bool dup = false,
        params byte[][] props) =>
        Packet(
            0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
            Str(topic),
            qos > 0 ? U16(id) : [],
            level == 5 ? Props(props) : [],
            Encoding.UTF8.GetBytes(payload));

    public static byte[] Subscribe(int level, int id, string filter, int options, params byte[][] props) =>
        Packet(0x82, U16(id), level == 5 ? Props(props) : [], Str(filter), [(byte)options]);

    public static byte[] Unsubscribe(int level, int id, string filter) =>
        Packet(0xA2, U16(id), level == 5 ? Props() : [], Str(filter));

    public static byte[] Ack(int header, int id) => Packet(header, U16(id));

    public static byte[] Puback(int id) => Ack(0x40, id);

    public static byte[] Pubrec(int id) => Ack(0x50, id);

    public static byte[] Pubrel(int id) => Ack(0x62, id);

    public static byte[] Pubcomp(int id) => Ack(0x70, id);

    public static byte[] Pingreq => [0xC0, 0];

    public static byte[] Disconnect => [0xE0, 0];
}
