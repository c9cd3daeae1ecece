using CareHub.Mqtt.Client;
using CareHub.Mqtt.Packets;
using CareHub.Simulator.Devices;

namespace CareHub.Simulator.Wire;

/// <summary>A link over MQTT. Each connection starts clean: what a device has to tell, it keeps itself.</summary>
internal sealed class MqttDeviceLink(string host, int port, DeviceIdentity device) : IDeviceLink
{
    private const ushort KeepAliveSeconds = 30;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private MqttClient? _client;
    private bool _aborted;

    public Task Closed => _closed.Task;

    public async Task<ReasonCode> ConnectAsync(CancellationToken cancellationToken)
    {
        MqttClient client;
        try
        {
            client = await MqttClient.ConnectAsync(Options(), cancellationToken);
        }
        catch (MqttException refused) when (refused.Reason is { } reason)
        {
            return reason;
        }

        _ = client.Closed.ContinueWith(_ => _closed.TrySetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        bool aborted;
        lock (_lock)
        {
            _client = client;
            aborted = _aborted;
        }

        // Dropped during the handshake: nobody else would close it any more.
        if (aborted)
            await client.DisposeAsync();
        return ReasonCode.Success;
    }

    public async Task<ReasonCode> PublishAsync(string topic, ReadOnlyMemory<byte> payload, byte qos, bool retain) =>
        (await _client!.PublishAsync(topic, payload, qos, retain)).Reason;

    public void Abort()
    {
        MqttClient? client;
        lock (_lock)
        {
            _aborted = true;
            client = _client;
        }

        if (client is not null)
            _ = client.DisposeAsync().AsTask();
    }

    public Task DisconnectAsync() => _client?.DisconnectAsync() ?? Task.CompletedTask;

    private MqttClientOptions Options() => new()
    {
        Host = host,
        Port = port,
        ClientId = device.Id,
        Username = device.Secret is null ? null : device.Id,
        Password = device.Secret,
        KeepAliveSeconds = KeepAliveSeconds,
        Will = new MqttWill { Topic = Topics.Of(device.Id).Status, Payload = Payloads.Offline, Qos = 1, Retain = true },
    };
}

/// <inheritdoc />
internal sealed class MqttDeviceLinks(string host, int port) : IDeviceLinkFactory
{
    public IDeviceLink Create(DeviceIdentity device) => new MqttDeviceLink(host, port, device);
}
