using System.Text;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Server.Decoders;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Storage.Registry;

namespace CareHub.Server.Ingest;

/// <summary>
/// What the broker asks of the hub. A device may speak only for itself, a gateway also for the devices behind it; a
/// signal is acknowledged when its effect is on disk.
/// </summary>
internal sealed partial class DeviceIngest(
    RegistryView registry,
    DeviceSecrets secrets,
    PresenceBook presence,
    TriagePipeline pipeline,
    TelemetryLane telemetry,
    IngestCounters counters,
    TimeProvider time,
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

        var now = time.HubNow();
        return leaf switch
        {
            TopicLeaf.Signal => Signal(device, publish, now),
            TopicLeaf.Reading => Reading(device, publish, now),
            _ => Status(device, publish, now),
        };
    }

    private ValueTask<PublishVerdict> Signal(DeviceEntry device, in InboundPublish publish, DateTimeOffset now)
    {
        Heard(device, now);
        var decoded = NativeSignalDecoder.Decode(device.Id, publish.Payload, now);
        if (decoded.Value is not { } signal)
        {
            return Quarantine(device, publish, decoded.Reason!, decoded.Offset, now);
        }

        counters.CountSignal();
        return new(CommitAsync(signal, device));
    }

    private async Task<PublishVerdict> CommitAsync(Signal signal, DeviceEntry device)
    {
        var receipt = await pipeline.SignalAsync(signal, device.Facts);
        if (receipt.Redelivered)
        {
            counters.CountRedelivered();
        }

        return PublishVerdict.Consume;
    }

    private ValueTask<PublishVerdict> Reading(DeviceEntry device, in InboundPublish publish, DateTimeOffset now)
    {
        Heard(device, now);
        var decoded = NativeReadingDecoder.Decode(device.Id, publish.Payload, now);
        if (decoded.Value is not { } readings)
        {
            return Quarantine(device, publish, decoded.Reason!, decoded.Offset, now);
        }

        counters.CountReadings(readings.Count);
        if (publish.Qos == 0)
        {
            telemetry.TryAccept(readings);
            return ValueTask.FromResult(PublishVerdict.Consume);
        }

        return new(KeepAsync(readings));
    }

    private async Task<PublishVerdict> KeepAsync(List<Reading> readings)
    {
        await telemetry.KeepAsync(readings);
        return PublishVerdict.Consume;
    }

    private ValueTask<PublishVerdict> Status(DeviceEntry device, in InboundPublish publish, DateTimeOffset now)
    {
        var decoded = NativeStatusDecoder.Decode(publish.Payload);
        if (decoded.Value is not { } status)
        {
            return Quarantine(device, publish, decoded.Reason!, decoded.Offset, now);
        }

        if (status.Battery is { } battery)
        {
            telemetry.TryAccept([new Reading(device.Id, "battery", battery, now)]);
        }

        if (status.Online)
        {
            Heard(device, now);
            return ValueTask.FromResult(PublishVerdict.Consume);
        }

        var seen = presence.Of(device.Id);
        if (!seen.TrySetOffline(true))
        {
            return ValueTask.FromResult(PublishVerdict.Consume);
        }

        var signal = PresenceSignals.Offline(device.Id, publish.IsWill ? SignalSource.Will : SignalSource.Device, now, publish.Payload.ToArray());
        return new(ReportGoneAsync(signal, seen, device));
    }

    private async Task<PublishVerdict> ReportGoneAsync(Signal signal, DevicePresence seen, DeviceEntry device)
    {
        try
        {
            return await CommitAsync(signal, device);
        }
        catch
        {
            // Not on record: whoever says it again must be heard, and the sweep must go on looking.
            seen.TrySetOffline(false);
            throw;
        }
    }

    /// <summary>Any message is a sign of life.</summary>
    private void Heard(DeviceEntry device, DateTimeOffset now)
    {
        var seen = presence.Of(device.Id);
        seen.LastHeardMs = now.ToUnixTimeMilliseconds();
        if (seen.IsOffline && seen.TrySetOffline(false))
        {
            _ = ReportBackAsync(seen, device, now);
        }
    }

    private async Task ReportBackAsync(DevicePresence seen, DeviceEntry device, DateTimeOffset now)
    {
        try
        {
            await pipeline.SignalAsync(PresenceSignals.Online(device.Id, now), device.Facts);
        }
        catch (Exception failure)
        {
            // Its next message tries again.
            seen.TrySetOffline(true);
            LogReportFailed(failure, device.Id);
        }
    }

    private ValueTask<PublishVerdict> Quarantine(DeviceEntry device, in InboundPublish publish, string reason, int offset, DateTimeOffset now)
    {
        counters.CountQuarantined();
        var payload = publish.Payload[..Math.Min(publish.Payload.Length, Limits.QuarantineBytesMax)].ToArray();
        var quarantined = new Quarantined(now, device.Id, device.Facts.SiteId, Encoding.UTF8.GetString(publish.TopicUtf8), reason, offset, payload);
        return new(QuarantineAsync(quarantined));
    }

    /// <summary>Acknowledged only once it is kept, and with the reason: to send it again would not help.</summary>
    private async Task<PublishVerdict> QuarantineAsync(Quarantined quarantined)
    {
        await pipeline.QuarantineAsync(quarantined);
        LogQuarantined(quarantined.DeviceId, quarantined.Reason, quarantined.Offset);
        return PublishVerdict.Refuse(ReasonCode.PayloadFormatInvalid, $"{quarantined.Reason} (byte {quarantined.Offset}); kept in quarantine");
    }

    public void Disconnected(MqttPeer peer, DisconnectCause cause) => LogDisconnected(SessionOf(peer).DeviceId, cause);

    private static DeviceSession SessionOf(MqttPeer peer) => (DeviceSession)peer.Principal!;

    private static string Printable(string? text) => text is null ? "(none)" : text.Length > 64 ? text[..64] : text;

    [LoggerMessage(1001, LogLevel.Warning, "Connection of '{User}' from {Remote} refused: {Reason}")]
    private partial void LogConnectRefused(string user, string reason, string remote);

    [LoggerMessage(1002, LogLevel.Warning, "Device {DeviceId} may not publish to '{Topic}'")]
    private partial void LogPublishRefused(string deviceId, string topic);

    [LoggerMessage(1003, LogLevel.Warning, "A payload of device {DeviceId} is in quarantine: {Reason} (byte {Offset})")]
    private partial void LogQuarantined(string deviceId, string reason, int offset);

    [LoggerMessage(1004, LogLevel.Debug, "Device {DeviceId} is disconnected: {Cause}")]
    private partial void LogDisconnected(string deviceId, DisconnectCause cause);

    [LoggerMessage(1005, LogLevel.Error, "The return of device {DeviceId} could not be recorded")]
    private partial void LogReportFailed(Exception failure, string deviceId);
}
