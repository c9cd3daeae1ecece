using CareHub.Mqtt.Tests.Support;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Mqtt.Tests.Fuzz;

/// <summary>
/// Structure-aware fuzzing of whole connections: valid packets, mutated. Whatever is sent, the broker neither crashes
/// nor hangs, sends only well-formed packets that a server may send, and goes on serving others. A failure prints its seed; replay it with
/// CAREHUB_FUZZ_SEED. CAREHUB_FUZZ_SECONDS sets the length, 3 by default.
/// </summary>
public sealed class ConnectionFuzz
{
    private static readonly HashSet<int> s_fromServer = [2, 3, 4, 5, 6, 7, 9, 11, 13, 14];

    [Fact]
    public async Task Mutated_packets_do_no_harm()
    {
        var seconds = double.Parse(Environment.GetEnvironmentVariable("CAREHUB_FUZZ_SECONDS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
        var fixedSeed = Environment.GetEnvironmentVariable("CAREHUB_FUZZ_SEED");
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler, l => l.QueuedMessagesMax = 100);
        var start = DateTime.UtcNow;
        var seed = fixedSeed is null ? 1 : int.Parse(fixedSeed, System.Globalization.CultureInfo.InvariantCulture);
        do
        {
            try
            {
                await OneAsync(broker, new Random(seed)).WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"replay with CAREHUB_FUZZ_SEED={seed}", exception);
            }

            seed++;
        }
        while (fixedSeed is null && (DateTime.UtcNow - start).TotalSeconds < seconds);

        await broker.ConnectionsAsync(0);
        await using var after = await broker.ConnectAsync(5);
        await after.SubscribeAsync("alive");
        await after.SendAsync(Publish(5, "alive", "yes"));
        Assert.Equal("yes", (await after.PublishAsync()).Payload);
    }

    private static async Task OneAsync(TestBroker broker, Random random)
    {
        var level = random.Next(4, 6);
        await using var client = await broker.OpenAsync(level);
        var clean = random.Next(2) == 0;
        var valid = random.Next(8) > 0;
        var connect = Connect(level, $"f{random.Next(5)}", clean, props: level == 5 && random.Next(2) == 0 ? [Prop(0x11, U32(60)), Prop(0x21, U16(random.Next(1, 10)))] : [], will: random.Next(3) == 0 ? Will(level, "w", "x") : null);
        await client.SendAsync(valid ? connect : Mutate(connect, random));
        if (valid)
        {
            Assert.Equal(0, (await client.ReceiveAsync(2)).Reason);
        }

        var reading = ReadAllAsync(client, valid);
        try
        {
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var packet = Some(level, random);
                await client.SendAsync(random.Next(3) == 0 ? Mutate(packet, random) : packet);
            }

            await client.SendAsync(Disconnect, [0, 0]);
        }
        catch (IOException)
        {
            // It has closed already.
        }

        // The deadline of a CONNECT that never becomes complete, or a packet that waits for its rest: cut it ourselves.
        if (await Task.WhenAny(reading, Task.Delay(50)) != reading)
        {
            await client.DisposeAsync();
        }

        await reading;
    }

    private static async Task ReadAllAsync(RawClient client, bool accepted)
    {
        try
        {
            var first = !accepted;
            while (await client.TryReceiveAsync() is { } packet)
            {
                Assert.Contains(packet.Type, s_fromServer);
                Assert.Equal(packet.Type switch { 3 => packet.Header & 0x0F, 6 => 2, _ => 0 }, packet.Header & 0x0F); // [MQTT-2.1.3-1]
                Assert.Equal(first, packet.Type == 2); // a CONNACK first, and only then [MQTT-3.2.0-1]
                Assert.True(packet.Type != 14 || client.Level == 5);
                first = false;
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or TimeoutException)
        {
            // Cut by the test.
        }
    }

    private static byte[] Some(int level, Random random)
    {
        var topic = new[] { "a", "a/b", "a/b/c", "$share/g/a", "+/b", "a/#", "#" }[random.Next(7)];
        var id = random.Next(1, 5);
        return random.Next(10) switch
        {
            0 or 1 => Publish(level, topic.TrimEnd('#', '+', '/'), "payload", random.Next(3), id, random.Next(2) == 0, props: level == 5 && random.Next(2) == 0 ? [Prop(0x23, U16(random.Next(1, 4))), UserProp("a", "b"), Prop(2, U32(5))] : []),
            2 or 3 => Subscribe(level, id, topic, random.Next(3), level == 5 && random.Next(2) == 0 ? [Prop(0x0B, 5)] : []),
            4 => Unsubscribe(level, id, topic),
            5 => Pubrel(id),
            6 => Puback(id),
            7 => Pubrec(id),
            8 => Pubcomp(id),
            _ => Pingreq,
        };
    }

    private static byte[] Mutate(byte[] packet, Random random)
    {
        var bytes = packet.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
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
                default:
                    bytes.AddRange(bytes[at..].ToArray());
                    break;
            }
        }

        return [.. bytes];
    }
}
