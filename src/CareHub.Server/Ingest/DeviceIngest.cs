using System.Text;
using CareHub.Core.Alarms;
using CareHub.Core.Health;
using CareHub.Core.Signals;
using CareHub.Core.Telemetry;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Server.Decoders;
using CareHub.Server.Health;
using CareHub.Server.Metrics;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Server.Ingest;

/// <summary>
/// What the broker asks of the hub. A device may speak only for itself, a gateway also for the devices behind it, a
/// service by its grants; a signal is acknowledged when its effect is on disk.
/// </summary>
internal sealed partial class DeviceIngest(
    RegistryView registry,
    ConnectGate gate,
    LiveConnections live,
    RefusalBook refusals,
    DeskBook desks,
    TriagePipeline pipeline,
    OutageWatch outages,
    TelemetryLane telemetry,
    HealthWatch health,
    IngestCounters counters,
    HubMeter meter,
    TimeProvider time,
    ILogger<DeviceIngest> log) : IMqttHandler
{
    private volatile KeptTogether _latest = new(Task.CompletedTask, Task.FromResult(PublishVerdict.Consume));

    public ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken) => gate.DecideAsync(attempt);

    public bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8)
    {
        var client = ClientOf(peer);
        var allowed = client is ServiceSession service ? MayServicePublish(service, topicUtf8) : MayDevicePublish(client, topicUtf8);
        if (!allowed)
        {
            var topic = Encoding.UTF8.GetString(topicUtf8[..Math.Min(topicUtf8.Length, 200)]);
            counters.CountRefusedPublish();
            refusals.Add(RefusedAct.Publish, client.Name, client.From, topic, "not authorized");
            LogPublishRefused(client.Name, topic);
        }

        return allowed;
    }

    private bool MayDevicePublish(ClientIdentity client, ReadOnlySpan<byte> topicUtf8)
    {
        if (!DeviceTopics.TryParse(topicUtf8, out var deviceId, out var leaf) || leaf == TopicLeaf.Command)
        {
            return false;
        }

        var devices = registry.Current.Devices;
        if (!devices.TryGetValue(client.Name, out var own) || own.Disabled)
        {
            return false;
        }

        return topicUtf8.StartsWith(((DeviceSession)client).OwnPrefix)
            || (devices.TryGetValue(Encoding.UTF8.GetString(deviceId), out var other) && other.GatewayId == client.Name && !other.Disabled);
    }

    /// <summary>Within its grants; and for a device's own messages the device has to be there.</summary>
    private bool MayServicePublish(ServiceSession service, ReadOnlySpan<byte> topicUtf8) =>
        service.Grants.MayPublish(topicUtf8)
        && (!IsDeviceMessage(topicUtf8, out var deviceId) || (registry.Current.Devices.TryGetValue(deviceId, out var device) && !device.Disabled));

    /// <summary>What the hub decodes. Everything else that somebody may publish is only routed.</summary>
    private static bool IsDeviceMessage(ReadOnlySpan<byte> topicUtf8, out string deviceId)
    {
        deviceId = "";
        if (!DeviceTopics.TryParse(topicUtf8, out var utf8, out var leaf) || leaf == TopicLeaf.Command)
        {
            return false;
        }

        deviceId = Encoding.UTF8.GetString(utf8);
        return true;
    }

    public bool MaySubscribe(MqttPeer peer, string topicFilter)
    {
        var client = ClientOf(peer);
        var allowed = client is ServiceSession service ? service.Grants.MaySubscribe(topicFilter) : MayDeviceSubscribe(client.Name, topicFilter);
        if (!allowed)
        {
            counters.CountRefusedPublish();
            refusals.Add(RefusedAct.Subscribe, client.Name, client.From, topicFilter, "not authorized");
        }

        return allowed;
    }

    private bool MayDeviceSubscribe(string ownId, string topicFilter) =>
        DeviceTopics.TryParseFilter(topicFilter, out var deviceId)
        && (deviceId == ownId || (registry.Current.Devices.TryGetValue(deviceId, out var other) && other.GatewayId == ownId));

    public ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish)
    {
        if (!DeviceTopics.TryParse(publish.TopicUtf8, out var deviceIdUtf8, out var leaf) || leaf == TopicLeaf.Command)
        {
            // Permitted, so a service's: the hub does not read it.
            return ValueTask.FromResult(PublishVerdict.Deliver);
        }

        if (!registry.Current.Devices.TryGetValue(Encoding.UTF8.GetString(deviceIdUtf8), out var device) || device.Disabled)
        {
            // Removed between the permission and here; or the will of a connection that ended because its device was disabled.
            return ValueTask.FromResult(PublishVerdict.Refuse(ReasonCode.NotAuthorized, "the device is not registered, or disabled"));
        }

        var exactly = time.GetUtcNow();
        var now = exactly.ToHubTime();
        var desk = desks.Of(device);
        return leaf switch
        {
            TopicLeaf.Signal => Signal(device, desk, publish, now),
            TopicLeaf.Reading => Reading(device, desk, publish, now, exactly),
            _ => Status(device, desk, publish, now),
        };
    }

    private ValueTask<PublishVerdict> Signal(DeviceEntry device, DeviceDesk desk, in InboundPublish publish, DateTimeOffset now)
    {
        var wait = desk.Budget.Signals.Take(now, Limits.SignalWaitMax);
        Heard(device, desk.Presence, now);
        var decoded = NativeSignalDecoder.Decode(device.Id, publish.Payload, now);
        if (decoded.Value is not { } signal)
        {
            return Quarantine(device, publish, decoded.Reason!, decoded.Offset, now, wait);
        }

        counters.CountSignal();
        return new(CommitAsync(signal, device, wait));
    }

    private async Task<PublishVerdict> CommitAsync(Signal signal, DeviceEntry device, TimeSpan wait)
    {
        var start = time.GetTimestamp();
        await PaceAsync(wait);
        var receipt = await pipeline.SignalAsync(signal, device.Facts, isBrief: true);
        meter.Acknowledged(time.GetElapsedTime(start));
        if (receipt.Redelivered)
        {
            counters.CountRedelivered();
        }

        return PublishVerdict.Consume;
    }

    /// <summary>Beyond its budget a message waits here, and with it its acknowledgement.</summary>
    private Task PaceAsync(TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero)
        {
            return Task.CompletedTask;
        }

        counters.CountPaced();
        return Task.Delay(wait, time);
    }

    private ValueTask<PublishVerdict> Reading(DeviceEntry device, DeviceDesk desk, in InboundPublish publish, DateTimeOffset now, DateTimeOffset exactly)
    {
        Heard(device, desk.Presence, now);
        var budget = desk.Budget.Telemetry;
        var wait = TimeSpan.Zero;
        if (publish.Qos > 0)
        {
            wait = budget.Take(now, Limits.TelemetryWaitMax);
        }
        else if (!budget.TryTake(now))
        {
            counters.CountOverBudget();
            return ValueTask.FromResult(PublishVerdict.Consume);
        }
        else if (telemetry.ShedsUnread())
        {
            return ValueTask.FromResult(PublishVerdict.Consume);
        }

        // The full clock, not the hub's milliseconds: readings without a time of their own stay apart.
        var decoded = NativeReadingDecoder.Decode(device.Id, publish.Payload, exactly);
        if (decoded.Value is not { } readings)
        {
            return Quarantine(device, publish, decoded.Reason!, decoded.Offset, now, wait);
        }

        var series = desk.Series;
        if (telemetry.Refuse(series, readings) is { } tooMany)
        {
            return Quarantine(device, publish, tooMany, 0, now, wait);
        }

        counters.CountReadings(readings.Count);

        // What a reading says of a person is true whether or not the disk takes it; sent again, it says nothing new.
        if (publish.Qos > 0)
        {
            health.Observe(device, desk.Health, readings);
            return new(wait > TimeSpan.Zero ? KeepPacedAsync(series, readings, wait) : ConsumedAfter(telemetry.KeepAsync(series, readings)));
        }

        if (telemetry.TryAccept(series, readings))
        {
            health.Observe(device, desk.Health, readings);
        }

        return ValueTask.FromResult(PublishVerdict.Consume);
    }

    /// <summary>One answer for all that go to disk together.</summary>
    private Task<PublishVerdict> ConsumedAfter(Task kept)
    {
        var latest = _latest;
        if (!ReferenceEquals(latest.Kept, kept))
        {
            _latest = latest = new KeptTogether(kept, ConsumeAfterAsync(kept));
        }

        return latest.Verdict;
    }

    private static async Task<PublishVerdict> ConsumeAfterAsync(Task kept)
    {
        await kept;
        return PublishVerdict.Consume;
    }

    private async Task<PublishVerdict> KeepPacedAsync(DeviceSeries series, List<Reading> readings, TimeSpan wait)
    {
        await PaceAsync(wait);
        await telemetry.KeepAsync(series, readings);
        return PublishVerdict.Consume;
    }

    private sealed record KeptTogether(Task Kept, Task<PublishVerdict> Verdict);

    /// <summary>Never shed: it may be the goodbye. That somebody is there only waits, that somebody goes is said at once.</summary>
    private ValueTask<PublishVerdict> Status(DeviceEntry device, DeviceDesk desk, in InboundPublish publish, DateTimeOffset now)
    {
        var wait = publish.IsWill ? TimeSpan.Zero : desk.Budget.Telemetry.Take(now, Limits.TelemetryWaitMax);
        var decoded = NativeStatusDecoder.Decode(publish.Payload);
        if (decoded.Value is not { } status)
        {
            return Quarantine(device, publish, decoded.Reason!, decoded.Offset, now, wait);
        }

        if (status.Battery is { } battery)
        {
            List<Reading> reading = [new Reading(device.Id, ReadingNames.Battery, battery, time.GetUtcNow())];
            telemetry.TryAccept(desk.Series, reading);
            health.Observe(device, desk.Health, reading);
        }

        if (status.Online)
        {
            Heard(device, desk.Presence, now);
            return wait > TimeSpan.Zero ? new(ConsumeAsync(wait)) : ValueTask.FromResult(PublishVerdict.Consume);
        }

        var seen = desk.Presence;
        if (!seen.TrySetOffline(true))
        {
            return wait > TimeSpan.Zero ? new(ConsumeAsync(wait)) : ValueTask.FromResult(PublishVerdict.Consume);
        }

        var signal = PresenceSignals.Offline(device.Id, publish.IsWill ? SignalSource.Will : SignalSource.Device, now, publish.Payload.ToArray());
        return new(ReportGoneAsync(signal, seen, device));
    }

    private async Task<PublishVerdict> ConsumeAsync(TimeSpan wait)
    {
        await PaceAsync(wait);
        return PublishVerdict.Consume;
    }

    private async Task<PublishVerdict> ReportGoneAsync(Signal signal, DevicePresence seen, DeviceEntry device)
    {
        try
        {
            await outages.GoneAsync(signal, device.Facts);
            return PublishVerdict.Consume;
        }
        catch
        {
            // Not on record: whoever says it again must be heard, and the sweep must go on looking.
            seen.TrySetOffline(false);
            throw;
        }
    }

    /// <summary>Any message is a sign of life.</summary>
    private void Heard(DeviceEntry device, DevicePresence seen, DateTimeOffset now)
    {
        seen.LastHeardMs = now.ToUnixTimeMilliseconds();
        if (seen.IsOffline && seen.TrySetOffline(false))
        {
            _ = ReportBackAsync(seen, device, now);
        }
    }

    private async Task ReportBackAsync(DevicePresence seen, DeviceEntry device, DateTimeOffset now)
    {
        outages.Back(device.Id);
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

    private ValueTask<PublishVerdict> Quarantine(DeviceEntry device, in InboundPublish publish, string reason, int offset, DateTimeOffset now, TimeSpan wait)
    {
        counters.CountQuarantined();
        var payload = publish.Payload[..Math.Min(publish.Payload.Length, Limits.QuarantineBytesMax)].ToArray();
        var quarantined = new Quarantined(now, device.Id, device.Facts.SiteId, Encoding.UTF8.GetString(publish.TopicUtf8), reason, offset, payload);
        return new(QuarantineAsync(quarantined, wait));
    }

    /// <summary>Acknowledged only once it is kept, and with the reason: to send it again would not help.</summary>
    private async Task<PublishVerdict> QuarantineAsync(Quarantined quarantined, TimeSpan wait)
    {
        await PaceAsync(wait);
        await pipeline.QuarantineAsync(quarantined);
        LogQuarantined(quarantined.DeviceId, quarantined.Reason, quarantined.Offset);
        return PublishVerdict.Refuse(ReasonCode.PayloadFormatInvalid, $"{quarantined.Reason} (byte {quarantined.Offset}); kept in quarantine");
    }

    public void Disconnected(MqttPeer peer, DisconnectCause cause)
    {
        var client = ClientOf(peer);
        live.Remove(client);
        LogDisconnected(client.Name, cause);
    }

    private static ClientIdentity ClientOf(MqttPeer peer) => (ClientIdentity)peer.Principal!;

    [LoggerMessage(1002, LogLevel.Warning, "{Client} may not publish to '{Topic}'")]
    private partial void LogPublishRefused(string client, string topic);

    [LoggerMessage(1003, LogLevel.Warning, "A payload of device {DeviceId} is in quarantine: {Reason} (byte {Offset})")]
    private partial void LogQuarantined(string deviceId, string reason, int offset);

    [LoggerMessage(1004, LogLevel.Debug, "{Client} is disconnected: {Cause}")]
    private partial void LogDisconnected(string client, DisconnectCause cause);

    [LoggerMessage(1005, LogLevel.Error, "The return of device {DeviceId} could not be recorded")]
    private partial void LogReportFailed(Exception failure, string deviceId);
}
