using System.Globalization;
using CareHub.Mqtt.Tests.Support;
using CareHub.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using static CareHub.Mqtt.Tests.Support.Bytes;

namespace CareHub.Server.Tests.BrokerStore;

/// <summary>kill -9 of the plain broker with a data folder: what was acknowledged is there.</summary>
public sealed class BrokerKillTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-broker-kill-{Guid.NewGuid():N}");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Every_publish_that_was_acknowledged_reaches_the_absent_subscriber_after_a_kill_in_full_flight(int level)
    {
        await using var first = await BrokerProcess.StartAsync(_data);
        await using (var subscriber = await PersistentAsync(first.Endpoint, level, "s"))
        {
            await subscriber.SubscribeAsync("t/#", 2);
        }

        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        var publisher = await RawClient.OpenAsync(first.Endpoint, level);
        await publisher.ConnectAsync(Connect(level, "p"));
        var sending = SendUntilItBreaksAsync(publisher, level);
        while (acknowledged.Count < 400)
        {
            acknowledged.Add((await publisher.ReceiveAsync()).Id.ToString(CultureInfo.InvariantCulture));
        }

        await first.KillAsync();
        await sending;
        while (await publisher.TryReceiveAsync() is { } late)
        {
            acknowledged.Add(late.Id.ToString(CultureInfo.InvariantCulture));
        }

        await publisher.DisposeAsync();
        await using var second = await BrokerProcess.StartAsync(_data, first.Port);
        await using var again = await RawClient.OpenAsync(second.Endpoint, level);
        Assert.True((await again.ConnectAsync(Connect(level, "s", clean: false))).SessionPresent);
        var missing = new HashSet<string>(acknowledged, StringComparer.Ordinal);
        while (missing.Count > 0)
        {
            var packet = await again.ReceiveAsync();
            if (packet.Type == 3)
            {
                missing.Remove(packet.Payload);
            }

            await again.SendAsync(packet switch
            {
                { Type: 3, Qos: 1 } => Puback(packet.Id),
                { Type: 3 } => Pubrec(packet.Id),
                _ => Pubcomp(packet.Id),
            });
        }
    }

    [Fact]
    public async Task Mosquitto_s_subscriber_gets_after_the_kill_what_mosquitto_s_publisher_was_told_is_safe()
    {
        await using var first = await BrokerProcess.StartAsync(_data);
        Assert.Equal(0, (await Mosquitto.SubscribeAsync(first.Port, "-c", "-i", "m", "-q", "2", "-t", "a/#", "-E")).ExitCode);
        Assert.Equal(0, (await Mosquitto.PublishAsync(first.Port, "-q", "1", "-t", "a/1", "-m", "one")).ExitCode);
        Assert.Equal(0, (await Mosquitto.PublishAsync(first.Port, "-q", "2", "-t", "a/2", "-m", "two", "-V", "5")).ExitCode);
        Assert.Equal(0, (await Mosquitto.PublishAsync(first.Port, "-q", "1", "-r", "-t", "kept", "-m", "retained")).ExitCode);
        await first.KillAsync();

        await using var second = await BrokerProcess.StartAsync(_data, first.Port);
        var (exit, output) = await Mosquitto.SubscribeAsync(second.Port, "-c", "-i", "m", "-q", "2", "-t", "a/#", "-C", "2", "-W", "30");
        Assert.Equal((0, "one\ntwo\n"), (exit, output));
        Assert.Equal((0, "retained\n"), await Mosquitto.SubscribeAsync(second.Port, "-t", "kept", "-C", "1", "-W", "30"));
    }

    [Fact]
    public async Task What_was_under_way_to_a_connected_subscriber_comes_again_under_its_identifier()
    {
        await using var first = await BrokerProcess.StartAsync(_data);
        await using var subscriber = await PersistentAsync(first.Endpoint, 5, "s");
        await subscriber.SubscribeAsync("t", 2);
        await using var publisher = await RawClient.OpenAsync(first.Endpoint, 5);
        await publisher.ConnectAsync(Connect(5, "p"));
        await publisher.SendAsync(Publish(5, "t", "one", 1, 1), Publish(5, "t", "two", 2, 2), Publish(5, "t", "three", 2, 3));
        var sent = new[] { await subscriber.PublishAsync(), await subscriber.PublishAsync(), await subscriber.PublishAsync() };
        await publisher.ReceiveAsync(4);
        await publisher.ReceiveAsync(5);
        await publisher.ReceiveAsync(5);
        await subscriber.SendAsync(Pubrec(sent[1].Id));
        await subscriber.ReceiveAsync(6); // kept: PUBREL does not leave sooner
        await first.KillAsync();

        await using var second = await BrokerProcess.StartAsync(_data, first.Port);
        await using var again = await PersistentAsync(second.Endpoint, 5, "s");
        var one = await again.PublishAsync();
        Assert.Equal((sent[0].Id, "one", true), (one.Id, one.Payload, one.Dup)); // [MQTT-4.4.0-1], [MQTT-3.3.1-1]
        Assert.Equal(sent[1].Id, (await again.ReceiveAsync(6)).Id);
        var three = await again.PublishAsync();
        Assert.Equal((sent[2].Id, "three", true), (three.Id, three.Payload, three.Dup));
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task The_hub_keeps_its_devices_sessions_too()
    {
        TestWorld.Create(_data);
        var connect = Connect(4, TestWorld.Button, clean: false, user: TestWorld.Button, password: System.Text.Encoding.UTF8.GetBytes(TestHub.Secret));
        await using var first = await HubProcess.StartAsync(_data);
        await using (var device = await RawClient.OpenAsync(new(System.Net.IPAddress.Loopback, first.MqttPort), 4))
        {
            Assert.False((await device.ConnectAsync(connect)).SessionPresent);
            Assert.Equal([1], (await device.SubscribeAsync($"care/v1/{TestWorld.Button}/command", 1)).Codes);
        }

        await first.KillAsync();
        await using var second = await HubProcess.StartAsync(_data, first.HttpPort, first.MqttPort);
        await using var again = await RawClient.OpenAsync(new(System.Net.IPAddress.Loopback, second.MqttPort), 4);
        Assert.True((await again.ConnectAsync(connect)).SessionPresent);
    }

    [Fact]
    public async Task A_file_that_is_damaged_or_in_use_stops_the_start_with_one_line()
    {
        Directory.CreateDirectory(_data);
        await File.WriteAllTextAsync(Path.Combine(_data, "broker.db"), string.Concat(Enumerable.Repeat("not a database. ", 1_000)));
        var (exit, output) = await HubProcess.RunAsync(None, "broker", "--listen", "127.0.0.1:0", "--allow-anonymous", "--data", _data);
        Assert.Equal(1, exit);
        Assert.Contains("broker.db is damaged", output, StringComparison.Ordinal);
        Assert.Single(output.Trim().Split('\n'));

        File.Delete(Path.Combine(_data, "broker.db"));
        await using var running = await BrokerProcess.StartAsync(_data);
        (exit, output) = await HubProcess.RunAsync(None, "broker", "--listen", "127.0.0.1:0", "--allow-anonymous", "--data", _data);
        Assert.Equal(1, exit);
        Assert.Contains("in use by another process", output, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> None => new(StringComparer.Ordinal);

    private static async Task<RawClient> PersistentAsync(System.Net.IPEndPoint endpoint, int level, string clientId)
    {
        var client = await RawClient.OpenAsync(endpoint, level);
        Assert.Equal(0, (await client.ConnectAsync(Connect(level, clientId, clean: false, props: level == 5 ? [Prop(0x11, U32(uint.MaxValue))] : []))).Reason);
        return client;
    }

    /// <summary>Each payload is its packet identifier, so that an acknowledgement names what it is for.</summary>
    private static async Task SendUntilItBreaksAsync(RawClient publisher, int level)
    {
        try
        {
            for (var id = 1; id <= 1_000; id++)
            {
                await publisher.SendAsync(Publish(level, $"t/{id % 7}", id.ToString(CultureInfo.InvariantCulture), 1 + (id % 2), id));
            }
        }
        catch (IOException)
        {
            // It was killed.
        }
    }
}
