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
/// What becomes of a registered device's message, whichever way it came: decoded, then on its lane, and acknowledged when
/// its effect is on disk. Who may say it was decided before.
/// </summary>
internal sealed partial class DeviceMessages(
    PresenceBook presence,
    TriagePipeline pipeline,
    TelemetryLane telemetry,
    IngestCounters counters,
    TimeProvider time,
    ILogger<DeviceMessages> log)
{
    /// <summary>Decodes before it returns; the task completes when the message may be acknowledged.</summary>
    public ValueTask<PublishVerdict> TakeAsync(DeviceEntry device, TopicLeaf leaf, in InboundPublish publish)
    {
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
            return QuarantineAsync(device.Id, device.Facts.SiteId, publish, decoded.Reason!, decoded.Offset);
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
            return QuarantineAsync(device.Id, device.Facts.SiteId, publish, decoded.Reason!, decoded.Offset);
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
            return QuarantineAsync(device.Id, device.Facts.SiteId, publish, decoded.Reason!, decoded.Offset);
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

    /// <summary>Keeps for a person what the hub cannot act on; completes when it is on disk.</summary>
    /// <param name="siteId">Empty for a device that belongs to none.</param>
    public ValueTask<PublishVerdict> QuarantineAsync(string deviceId, string siteId, in InboundPublish publish, string reason, int offset)
    {
        counters.CountQuarantined();
        var payload = publish.Payload[..Math.Min(publish.Payload.Length, Limits.QuarantineBytesMax)].ToArray();
        var quarantined = new Quarantined(time.HubNow(), deviceId, siteId, Encoding.UTF8.GetString(publish.TopicUtf8), reason, offset, payload);
        return new(KeepAsync(quarantined));
    }

    /// <summary>Acknowledged only once it is kept, and with the reason: to send it again would not help.</summary>
    private async Task<PublishVerdict> KeepAsync(Quarantined quarantined)
    {
        await pipeline.QuarantineAsync(quarantined);
        LogQuarantined(quarantined.DeviceId, quarantined.Reason, quarantined.Offset);
        return PublishVerdict.Refuse(ReasonCode.PayloadFormatInvalid, $"{quarantined.Reason} (byte {quarantined.Offset}); kept in quarantine");
    }

    [LoggerMessage(1003, LogLevel.Warning, "A payload of device {DeviceId} is in quarantine: {Reason} (byte {Offset})")]
    private partial void LogQuarantined(string deviceId, string reason, int offset);

    [LoggerMessage(1005, LogLevel.Error, "The return of device {DeviceId} could not be recorded")]
    private partial void LogReportFailed(Exception failure, string deviceId);
}
