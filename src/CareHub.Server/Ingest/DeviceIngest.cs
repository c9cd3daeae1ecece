using System.Text;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Storage.Registry;

namespace CareHub.Server.Ingest;

/// <summary>
/// What the broker asks of the hub. A device may speak only for itself, a gateway also for the devices behind it; a
/// signal is acknowledged when its effect is on disk.
/// </summary>
internal sealed partial class DeviceIngest(
    RegistryView registry,
    DeviceSecrets secrets,
    DeviceMessages messages,
    IngestCounters counters,
    ILogger<DeviceIngest> log) : IMqttHandler
{
    public ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        var verdict = Decide(attempt);
        if (verdict.Reason != ReasonCode.Success)
        {
            counters.CountRefusedConnect();
            LogConnectRefused(Printable(attempt.Username), verdict.ReasonString ?? "", attempt.Remote?.ToString() ?? "unknown");
        }

        return ValueTask.FromResult(verdict);
    }

    private ConnectVerdict Decide(ConnectAttempt attempt)
    {
        if (string.IsNullOrEmpty(attempt.Username))
        {
            return ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword, "a user name (the device id) and a password (its secret) are required");
        }

        var devices = registry.Current.Devices;

        // Unknown device and wrong secret get the same answer: nobody learns which ids exist.
        if (!devices.TryGetValue(attempt.Username, out var device) || !secrets.Verify(attempt.Password.Span, device.SecretHash))
        {
            return ConnectVerdict.Refuse(ReasonCode.BadUserNameOrPassword, "unknown device or wrong secret");
        }

        if (device.Disabled)
        {
            return ConnectVerdict.Refuse(ReasonCode.NotAuthorized, "this device is disabled");
        }

        // Under another device's id it would take that device's session over.
        if (attempt.ClientId != device.Id && devices.ContainsKey(attempt.ClientId))
        {
            return ConnectVerdict.Refuse(ReasonCode.ClientIdentifierNotValid, "the client id belongs to another device");
        }

        return ConnectVerdict.Accept(new DeviceSession(device.Id));
    }

    public bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8)
    {
        var allowed = DeviceTopics.TryParse(topicUtf8, out var deviceId, out var leaf)
            && leaf is TopicLeaf.Signal or TopicLeaf.Reading or TopicLeaf.Status
            && Speaks(peer, topicUtf8, deviceId);
        if (!allowed)
        {
            counters.CountRefusedPublish();
            LogPublishRefused(SessionOf(peer).DeviceId, Encoding.UTF8.GetString(topicUtf8[..Math.Min(topicUtf8.Length, 200)]));
        }

        return allowed;
    }

    private bool Speaks(MqttPeer peer, ReadOnlySpan<byte> topicUtf8, ReadOnlySpan<byte> deviceId)
    {
        var session = SessionOf(peer);
        var devices = registry.Current.Devices;
        if (!devices.TryGetValue(session.DeviceId, out var own) || own.Disabled)
        {
            return false;
        }

        return topicUtf8.StartsWith(session.OwnPrefix)
            || (devices.TryGetValue(Encoding.UTF8.GetString(deviceId), out var other) && other.GatewayId == session.DeviceId && !other.Disabled);
    }

    public bool MaySubscribe(MqttPeer peer, string topicFilter)
    {
        var session = SessionOf(peer);
        return DeviceTopics.TryParseFilter(topicFilter, out var deviceId)
            && (deviceId == session.DeviceId || (registry.Current.Devices.TryGetValue(deviceId, out var other) && other.GatewayId == session.DeviceId));
    }

    public ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish)
    {
        if (!DeviceTopics.TryParse(publish.TopicUtf8, out var deviceIdUtf8, out var leaf) || !registry.Current.Devices.TryGetValue(Encoding.UTF8.GetString(deviceIdUtf8), out var device))
        {
            // Removed from the registry between the permission and here.
            return ValueTask.FromResult(PublishVerdict.Refuse(ReasonCode.NotAuthorized, "the device is not registered"));
        }

        return messages.TakeAsync(device, leaf, publish);
    }

    public void Disconnected(MqttPeer peer, DisconnectCause cause) => LogDisconnected(SessionOf(peer).DeviceId, cause);

    private static DeviceSession SessionOf(MqttPeer peer) => (DeviceSession)peer.Principal!;

    private static string Printable(string? text) => text is null ? "(none)" : text.Length > 64 ? text[..64] : text;

    [LoggerMessage(1001, LogLevel.Warning, "Connection of '{User}' from {Remote} refused: {Reason}")]
    private partial void LogConnectRefused(string user, string reason, string remote);

    [LoggerMessage(1002, LogLevel.Warning, "Device {DeviceId} may not publish to '{Topic}'")]
    private partial void LogPublishRefused(string deviceId, string topic);

    [LoggerMessage(1004, LogLevel.Debug, "Device {DeviceId} is disconnected: {Cause}")]
    private partial void LogDisconnected(string deviceId, DisconnectCause cause);
}
