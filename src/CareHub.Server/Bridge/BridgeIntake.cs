using System.Security.Cryptography;
using System.Text;
using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Client;
using CareHub.Server.Ingest;

namespace CareHub.Server.Bridge;

/// <summary>
/// A message from another broker on its way into the hub: the way of a device's own publish, with what only a bridge has
/// to know: who is not registered here, and what is old news.
/// </summary>
internal sealed partial class BridgeIntake(RegistryView registry, DeviceIngest ingest, BridgeQuarantine quarantine, BridgeState state, ILogger log)
{
    private const int NameCharsMax = 64;

    private readonly MqttPeer _peer = new($"bridge:{state.Name}", null, null);
    private readonly RecentlySeen _strangers = new(Limits.BridgeMemoryMax);
    private readonly RecentlySeen _kept = new(Limits.BridgeMemoryMax);

    /// <summary>
    /// Completes when the message may be acknowledged: its effect is on disk, or there will never be one. Faults when it
    /// has to come again.
    /// </summary>
    public Task TakeAsync(MqttMessage message)
    {
        var topic = Encoding.UTF8.GetBytes(message.Topic);
        if (!DeviceTopics.TryParse(topic, out var deviceIdUtf8, out var leaf) || leaf == TopicLeaf.Command)
        {
            state.CountForeign();
            return Task.CompletedTask;
        }

        var deviceId = Encoding.UTF8.GetString(deviceIdUtf8);
        if (!registry.Current.Devices.TryGetValue(deviceId, out var device) || device.Disabled)
        {
            state.CountUnregistered();
            var name = deviceId.Length > NameCharsMax ? deviceId[..NameCharsMax] : deviceId;
            if (_strangers.Add(name))
            {
                LogUnregistered(state.Name, name);
            }

            return KeepAsync(name, device?.Facts.SiteId ?? "", leaf, message, "the device is not registered, or is disabled; it came over a bridge");
        }

        if (message.Retain)
        {
            state.CountStale();
            return KeepAsync(deviceId, device.Facts.SiteId, leaf, message, "retained by another broker: it says what was, and raised nothing");
        }

        if (message.Payload.Length > Limits.PacketBytesMax)
        {
            return quarantine.KeepAsync(deviceId, device.Facts.SiteId, message, $"the payload has {message.Payload.Length} bytes, more than {Limits.PacketBytesMax}");
        }

        // The permission that a device's connection needs is the configuration of the bridge.
        return ingest.PublishAsync(new InboundPublish
        {
            Peer = _peer,
            TopicUtf8 = topic,
            Payload = message.Payload.Span,
            Qos = message.Qos,
            Retain = message.Retain,
            Duplicate = message.Duplicate,
        }).AsTask();
    }

    /// <summary>A signal that raises nothing is kept for a person to look at, each once; a count says enough of the rest.</summary>
    private Task KeepAsync(string deviceId, string siteId, TopicLeaf leaf, MqttMessage message, string reason)
    {
        if (leaf != TopicLeaf.Signal)
        {
            return Task.CompletedTask;
        }

        var key = $"{deviceId} {Convert.ToHexString(SHA256.HashData(message.Payload.Span))}";
        return _kept.Add(key) ? KeepOnceAsync() : Task.CompletedTask;

        async Task KeepOnceAsync()
        {
            try
            {
                await quarantine.KeepAsync(deviceId, siteId, message, reason);
            }
            catch
            {
                // It comes again; so does a repetition behind it, because acknowledgements keep their order.
                _kept.Remove(key);
                throw;
            }
        }
    }

    [LoggerMessage(7005, LogLevel.Warning, "Bridge {Bridge} brings messages of device {DeviceId}, which is not registered or is disabled; they raise nothing")]
    private partial void LogUnregistered(string bridge, string deviceId);
}
