using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Fuzz;

/// <summary>Valid packets of every type and both versions, and ways to break them that know where lengths and properties are.</summary>
internal static class FuzzPackets
{
    private static readonly string[] s_topics = ["a", "a/b", "a/b/c", "$share/g/a", "+/b", "a/#", "#", "家/雨", "/", "$x/a"];

    /// <summary>The length of a seeded run: CAREHUB_FUZZ_SECONDS, or so many rounds.</summary>
    public static TimeSpan? Duration => Environment.GetEnvironmentVariable("CAREHUB_FUZZ_SECONDS") is { } seconds
        ? TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture))
        : null;

    /// <summary>The one seed to replay, if any.</summary>
    public static int? Seed => Environment.GetEnvironmentVariable("CAREHUB_FUZZ_SEED") is { } seed
        ? int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    /// <summary>What an accepted client sends in the course of things.</summary>
    public static byte[] Ordinary(int level, Random random)
    {
        var topic = s_topics[random.Next(s_topics.Length)];
        var id = random.Next(1, 5);
        return random.Next(12) switch
        {
            0 or 1 or 2 => SomePublish(level, random, id),
            3 or 4 => Subscribe(level, id, topic, random.Next(3) | (level == 5 ? random.Next(3) << 4 | random.Next(2) << 3 : 0), level == 5 && random.Next(2) == 0 ? [Prop(0x0B, 5)] : []),
            5 => Unsubscribe(level, id, topic),
            6 => SomeAck(level, random, 0x62, id),
            7 => SomeAck(level, random, 0x40, id),
            8 => SomeAck(level, random, 0x50, id),
            9 => SomeAck(level, random, 0x70, id),
            10 => Packet(0x82, [U16(id), level == 5 ? Props() : [], .. s_topics.SelectMany(t => new[] { Str(t), [1] })]),
            _ => Pingreq,
        };
    }

    /// <summary>Any packet of the protocol, also those that only a server or a client in another state may send.</summary>
    public static byte[] Any(int level, Random random) => random.Next(8) switch
    {
        0 => SomeConnect(level, random, $"f{random.Next(5)}"),
        1 => Packet(0x20, [0, 0], level == 5 ? Props(Prop(0x21, U16(9)), Prop(0x12, Str("id")), UserProp("a", "b")) : []),
        2 => Packet(0x90, U16(1), level == 5 ? Props(Prop(0x1F, Str("why"))) : [], [0, 1, 2, 0x80]),
        3 => Packet(0xB0, U16(1), level == 5 ? Props() : [], level == 5 ? [0, 0x11] : []),
        4 => level == 5 ? Packet(0xE0, [0], Props(Prop(0x11, U32(5)), Prop(0x1F, Str("bye")))) : Disconnect,
        5 => level == 5 ? Packet(0xF0, [0x18], Props(Prop(0x15, Str("M")), Prop(0x16, Bin([1, 2])))) : Pingreq,
        _ => Ordinary(level, random),
    };

    public static byte[] SomeConnect(int level, Random random, string clientId) => Connect(
        level,
        clientId,
        random.Next(2) == 0,
        props: level == 5 && random.Next(2) == 0 ? [Prop(0x11, U32(60)), Prop(0x21, U16(random.Next(1, 10))), Prop(0x22, U16(random.Next(3)))] : [],
        will: random.Next(3) == 0 ? Will(level, "w", "x", level == 5 ? [Prop(0x18, U32(1)), UserProp("k", "v")] : []) : null,
        user: random.Next(3) == 0 ? "user" : null);

    /// <summary>Breaks a packet in one to three places; most keep a header that fits, so that the damage reaches the decoders.</summary>
    public static byte[] Mutate(byte[] packet, Random random)
    {
        var bytes = packet.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            MutateOnce(bytes, random);
        }

        return random.Next(3) == 0 ? [.. bytes] : Fit([.. bytes]);
    }

    private static void MutateOnce(List<byte> bytes, Random random)
    {
        byte[] telling = [0, 1, 2, 0x7F, 0x80, 0xC0, 0xED, 0xFE, 0xFF];
        var at = random.Next(bytes.Count);
        switch (random.Next(9))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes.RemoveAt(at);
                break;
            case 3:
                bytes.Insert(at, (byte)random.Next(256));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                bytes[at] = telling[random.Next(telling.Length)];
                break;
            case 6: // a length field that lies
                if (at + 1 < bytes.Count)
                {
                    (bytes[at], bytes[at + 1]) = ((byte)(random.Next(4) == 0 ? 0xFF : 0), (byte)random.Next(40));
                }

                break;
            case 7: // a part twice: properties, filters
                bytes.InsertRange(at, bytes[at..Math.Min(bytes.Count, at + random.Next(1, 12))].ToArray());
                break;
            default: // a property from elsewhere
                bytes.InsertRange(at, Prop(random.Next(1, 0x2C), telling[random.Next(telling.Length)], (byte)random.Next(4)));
                break;
        }
    }

    /// <summary>Writes the remaining length anew.</summary>
    private static byte[] Fit(byte[] packet)
    {
        if (packet.Length < 2)
        {
            return packet;
        }

        var body = 1;
        while (body < Math.Min(packet.Length, 5) && packet[body] >= 0x80)
        {
            body++;
        }

        return Packet(packet[0], packet[Math.Min(packet.Length, body + 1)..]);
    }

    private static byte[] SomePublish(int level, Random random, int id)
    {
        var properties = new List<byte[]>();
        if (level == 5)
        {
            byte[][] possible = [Prop(0x23, U16(random.Next(1, 4))), UserProp("a", "b"), Prop(2, U32(5)), Prop(1, 1), Prop(3, Str("text")), Prop(8, Str("r")), Prop(9, Bin([1, 2, 3]))];
            properties.AddRange(possible.Where(_ => random.Next(4) == 0));
        }

        return Publish(level, s_topics[random.Next(s_topics.Length)].Replace('#', 'x').Replace('+', 'y'), "payload", random.Next(3), id, random.Next(2) == 0, props: [.. properties]);
    }

    private static byte[] SomeAck(int level, Random random, int header, int id) => level == 5 && random.Next(3) == 0
        ? Packet(header, U16(id), [0], Props(Prop(0x1F, Str("reason")), UserProp("k", "v")))
        : Ack(header, id);
}
