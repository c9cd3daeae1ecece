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
        var duration = FuzzPackets.Duration ?? TimeSpan.FromSeconds(3);
        var handler = new ScriptedHandler();
        await using var broker = await TestBroker.StartAsync(handler, l => l.QueuedMessagesMax = 100);
        var started = System.Diagnostics.Stopwatch.StartNew();
        var seed = FuzzPackets.Seed ?? 1;
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
        while (FuzzPackets.Seed is null && started.Elapsed < duration);

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
        var valid = random.Next(8) > 0;
        var connect = FuzzPackets.SomeConnect(level, random, $"f{random.Next(5)}");
        await client.SendAsync(valid ? connect : FuzzPackets.Mutate(connect, random));
        if (valid)
        {
            Assert.Equal(0, (await client.ReceiveAsync(2)).Reason);
        }

        var reading = ReadAllAsync(client, valid);
        try
        {
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var packet = random.Next(8) == 0 ? FuzzPackets.Any(level, random) : FuzzPackets.Ordinary(level, random);
                await client.SendAsync(random.Next(3) == 0 ? FuzzPackets.Mutate(packet, random) : packet);
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
}
