using CareHub.Mqtt.Client;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Ingest;

/// <summary>What is refused or quarantined, as a person with Debian's mosquitto_pub sees it.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private Task<(int ExitCode, string Output)> PublishAsync(string version, string user, string secret, string topic, string payload) =>
        Mosquitto.PublishAsync(_hub.MqttPort, "-V", version, "-u", user, "-P", secret, "-t", topic, "-q", "1", "-m", payload);

    [Theory]
    [InlineData("mqttv311", "nobody", TestHub.Secret)]
    [InlineData("mqttv5", "nobody", TestHub.Secret)]
    [InlineData("mqttv311", TestWorld.Button, "wrong")]
    [InlineData("mqttv5", TestWorld.Button, "wrong")]
    public async Task An_unknown_device_and_a_wrong_secret_get_the_same_answer(string version, string user, string secret)
    {
        var (exit, output) = await PublishAsync(version, user, secret, $"care/v1/{TestWorld.Button}/signal", """{"type":"button"}""");

        Assert.NotEqual(0, exit);
        Assert.Contains("bad user name or password", output, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(_hub.OpenAlarms().Signals);
    }

    [Fact]
    public async Task Another_devices_topic_is_not_authorized()
    {
        var (_, output) = await PublishAsync("mqttv5", TestWorld.Button, TestHub.Secret, $"care/v1/{TestWorld.OtherButton}/signal", """{"type":"button"}""");
        Assert.Contains("Not authorized", output, StringComparison.Ordinal);

        // MQTT 3.1.1 has no word for it: the connection ends without an acknowledgement.
        await using var device = await _hub.DeviceAsync(TestWorld.Button, MqttVersion.V311);
        await Assert.ThrowsAnyAsync<IOException>(() => device.PublishAsync($"care/v1/{TestWorld.OtherButton}/signal", """{"type":"button"}"""u8.ToArray(), 1));
        Assert.Empty(_hub.OpenAlarms().Signals);
    }

    [Theory]
    [InlineData("{\"type\":", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{"type":"explode"}""", "'type' is 'explode'; it must be one of fall, button")]
    [InlineData("""{"id":"1"}""", "'type' is missing")]
    [InlineData("""{"type":"fall","confidence":7}""", "'confidence' must be a number from 0 to 1")]
    [InlineData("""{"type":"fall","at":"yesterday"}""", "'at' must be an ISO 8601 time")]
    [InlineData("""{"type":"fall","buffered":"yes"}""", "'buffered' must be true or false")]
    public async Task An_undecodable_payload_is_kept_with_a_reason_that_the_sender_is_told(string payload, string reason)
    {
        var (_, output) = await PublishAsync("mqttv5", TestWorld.Button, TestHub.Secret, $"care/v1/{TestWorld.Button}/signal", payload);
        Assert.Contains(reason, output, StringComparison.Ordinal);

        await using var console = await _hub.ConsoleAsync("supervisor");
        var item = Assert.Single((await console.GetAsync("/api/v1/quarantine"))["items"]!.AsArray())!;
        Assert.Contains(reason, (string)item["reason"]!, StringComparison.Ordinal);
        Assert.Equal(payload, (string?)item["payload"]);
        Assert.Equal(TestWorld.Button, (string?)item["deviceId"]);
        Assert.Empty(_hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task A_payload_of_300_KB_ends_the_connection_and_hurts_nobody_else()
    {
        await using (var sender = await _hub.DeviceAsync(TestWorld.Button, MqttVersion.V311))
        {
            await Assert.ThrowsAnyAsync<IOException>(() => sender.PublishAsync($"care/v1/{TestWorld.Button}/signal", new byte[300_000], 1));
        }

        await using var device = await _hub.DeviceAsync(TestWorld.Smoke);
        Assert.True((await device.SignalAsync("""{"type":"smoke"}""")).IsSuccess);
    }

    [Fact]
    public async Task A_client_id_of_another_device_cannot_take_its_session_over()
    {
        await using var victim = await _hub.DeviceAsync(TestWorld.OtherButton);

        var (exit, _) = await Mosquitto.PublishAsync(
            _hub.MqttPort, "-u", TestWorld.Button, "-P", TestHub.Secret, "-i", TestWorld.OtherButton, "-t", $"care/v1/{TestWorld.Button}/signal", "-q", "1", "-m", "{}");

        Assert.NotEqual(0, exit);
        Assert.False(victim.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_gateway_speaks_for_the_devices_behind_it_and_for_no_others()
    {
        await using var gateway = await _hub.DeviceAsync(TestWorld.Gateway);
        var smoke = """{"type":"smoke"}"""u8.ToArray();

        Assert.True((await gateway.PublishAsync($"care/v1/{TestWorld.BehindGateway}/signal", smoke, 1)).IsSuccess);
        Assert.False((await gateway.PublishAsync($"care/v1/{TestWorld.Smoke}/signal", smoke, 1)).IsSuccess);
        Assert.Equal(TestWorld.BehindGateway, _hub.OpenAlarms().Alarms.Single().DeviceId);
    }
}
