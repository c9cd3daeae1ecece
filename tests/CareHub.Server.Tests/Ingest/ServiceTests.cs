using System.Text;
using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Server.Tests.Support;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Ingest;

/// <summary>Programs by explicit grants, gateways for what is behind them, and what each is refused.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private const string Press = """{"id":"1","type":"button"}""";

    private TestHub _hub = null!;
    private string _secret = "";

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        var data = DataDirectory.Open(_hub.DataDirectory);
        var changes = new ServiceChanges(RegistryStore.Open(data), new DeviceSecrets(data.DeviceSecretKey()));
        _secret = changes.Add("city", ["care/v1/+/signal", "care/v1/+/command", "city/#"], ["city/#"], new ChangeNote(Core.Alarms.Author.Hub, DateTimeOffset.UtcNow, "test")).Value!;
        _hub.Services.GetRequiredService<RegistryView>().Reload();
    }

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private Task<MqttClient> ServiceAsync(MqttVersion version = MqttVersion.V5, Func<MqttMessage, ValueTask>? onMessage = null) => MqttClient.ConnectAsync(new MqttClientOptions
    {
        Port = _hub.MqttPort, Version = version, ClientId = "city", Username = "city", Password = _secret, OnMessage = onMessage,
    });

    [Fact]
    public async Task What_a_service_publishes_for_a_device_is_that_devices_message()
    {
        await using var service = await ServiceAsync();
        Assert.True((await service.PublishAsync($"care/v1/{TestWorld.Button}/signal", Encoding.UTF8.GetBytes(Press), 1)).IsSuccess);
        Assert.Equal(TestWorld.Button, _hub.OpenAlarms().Alarms.Single().DeviceId);
    }

    [Theory]
    [InlineData("care/v1/btn-1/reading")]
    [InlineData("elsewhere")]
    [InlineData("care/v1/nobody/signal")]
    [InlineData("care/v1/hub-disk/signal")]
    public async Task Everything_else_is_denied_in_the_acknowledgement_or_by_the_end_of_the_connection(string topic)
    {
        var (_, output) = await Mosquitto.PublishAsync(_hub.MqttPort, "-V", "mqttv5", "-u", "city", "-P", _secret, "-t", topic, "-q", "1", "-m", Press);
        Assert.Contains("Not authorized", output, StringComparison.Ordinal);

        await using var older = await ServiceAsync(MqttVersion.V311);
        await Assert.ThrowsAnyAsync<IOException>(() => older.PublishAsync(topic, Encoding.UTF8.GetBytes(Press), 1));

        await using var supervisor = await _hub.ConsoleAsync("supervisor");
        var refused = (await supervisor.GetAsync("/api/v1/refusals"))["items"]!.AsArray().Where(item => (string)item!["topic"]! == topic).ToList();
        Assert.Equal(2, refused.Count);
        Assert.Equal(("publish", "city", "127.0.0.1"), ((string)refused[0]!["what"]!, (string)refused[0]!["who"]!, (string)refused[0]!["from"]!));
    }

    [Fact]
    public async Task Other_topics_are_routed_within_the_grants()
    {
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await ServiceAsync(onMessage: message =>
        {
            received.TrySetResult(message.Topic);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(ReasonCode.GrantedQos1, await service.SubscribeAsync("city/+", 1));
        Assert.Equal(ReasonCode.NotAuthorized, await service.SubscribeAsync("#", 1));
        Assert.Equal(ReasonCode.NotAuthorized, await service.SubscribeAsync("care/v1/+/signal", 1));

        await service.PublishAsync("city/news", Encoding.UTF8.GetBytes("x"), 1);
        Assert.Equal("city/news", await received.Task.WaitAsync(Eventually.Patience));
    }

    [Fact]
    public async Task A_command_of_a_service_reaches_the_device()
    {
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var device = await MqttClient.ConnectAsync(new MqttClientOptions
        {
            Port = _hub.MqttPort, ClientId = TestWorld.Button, Username = TestWorld.Button, Password = TestHub.Secret,
            OnMessage = message =>
            {
                received.TrySetResult(Encoding.UTF8.GetString(message.Payload.Span));
                return ValueTask.CompletedTask;
            },
        });
        await device.SubscribeAsync($"care/v1/{TestWorld.Button}/command", 1);
        await using var service = await ServiceAsync();
        await service.PublishAsync($"care/v1/{TestWorld.Button}/command", Encoding.UTF8.GetBytes("locate"), 1);
        Assert.Equal("locate", await received.Task.WaitAsync(Eventually.Patience));
    }

    [Fact]
    public async Task A_removed_service_is_disconnected()
    {
        await using var service = await ServiceAsync();
        var data = DataDirectory.Open(_hub.DataDirectory);
        new ServiceChanges(RegistryStore.Open(data), new DeviceSecrets(data.DeviceSecretKey())).Remove("city", new ChangeNote(Core.Alarms.Author.Hub, DateTimeOffset.UtcNow, "test"));
        await service.Closed.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task A_gateway_speaks_for_the_devices_behind_it_and_for_no_others()
    {
        await using var gateway = await _hub.DeviceAsync(TestWorld.Gateway);
        Assert.True((await gateway.PublishAsync($"care/v1/{TestWorld.BehindGateway}/signal", Encoding.UTF8.GetBytes("""{"id":"1","type":"smoke"}"""), 1)).IsSuccess);
        Assert.Equal(TestWorld.BehindGateway, _hub.OpenAlarms().Alarms.Single().DeviceId);
        Assert.Equal(ReasonCode.NotAuthorized, (await gateway.PublishAsync($"care/v1/{TestWorld.OtherButton}/signal", Encoding.UTF8.GetBytes(Press), 1)).Reason);
        Assert.Equal(ReasonCode.GrantedQos1, await gateway.SubscribeAsync($"care/v1/{TestWorld.BehindGateway}/command", 1));
        Assert.Equal(ReasonCode.NotAuthorized, await gateway.SubscribeAsync($"care/v1/{TestWorld.OtherButton}/command", 1));

        // And what is behind it does not speak for the gateway.
        await using var behind = await _hub.DeviceAsync(TestWorld.BehindGateway);
        Assert.Equal(ReasonCode.NotAuthorized, (await behind.PublishAsync($"care/v1/{TestWorld.Gateway}/signal", Encoding.UTF8.GetBytes(Press), 1)).Reason);
    }

    [Fact]
    public async Task A_service_may_not_come_under_a_devices_client_id()
    {
        var refused = await Assert.ThrowsAsync<MqttException>(() => MqttClient.ConnectAsync(new MqttClientOptions { Port = _hub.MqttPort, ClientId = TestWorld.Button, Username = "city", Password = _secret }));
        Assert.Equal(ReasonCode.ClientIdentifierNotValid, refused.Reason);
    }

    [Fact]
    public async Task Refusals_are_seen_by_who_sees_the_device()
    {
        await Assert.ThrowsAsync<MqttException>(() => _hub.DeviceAsync(TestWorld.OtherButton, secret: "wrong-and-secret"));
        await Assert.ThrowsAsync<MqttException>(() => _hub.DeviceAsync("stranger", secret: "wrong-and-secret"));

        await using var all = await _hub.ConsoleAsync("supervisor");
        var seen = await all.GetAsync("/api/v1/refusals");
        Assert.Equal(["stranger", TestWorld.OtherButton], seen["items"]!.AsArray().Where(item => (string)item!["reason"]! == "unknown device or wrong secret").Select(item => (string)item!["who"]!));
        Assert.DoesNotContain("wrong-and-secret", seen.ToJsonString(), StringComparison.Ordinal);
        await using var north = await _hub.ConsoleAsync("north-admin");
        Assert.Empty((await north.GetAsync("/api/v1/refusals"))["items"]!.AsArray());
        await using var operators = await _hub.ConsoleAsync();
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await operators.Http.GetAsync(new Uri("/api/v1/refusals", UriKind.Relative))).StatusCode);
    }
}
