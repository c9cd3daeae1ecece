using CareHub.Core.Alarms;
using CareHub.Mqtt.Client;
using CareHub.Server.Ingest;
using CareHub.Server.Pipeline;

namespace CareHub.Server.Bridge;

/// <summary>Keeps for a person what came over a bridge and raises nothing.</summary>
internal sealed class BridgeQuarantine(TriagePipeline pipeline, IngestCounters counters, TimeProvider time)
{
    private const int TopicCharsMax = 200;

    /// <summary>Completes when it is on disk.</summary>
    /// <param name="siteId">Empty for a device that belongs to none.</param>
    public Task KeepAsync(string deviceId, string siteId, MqttMessage message, string reason)
    {
        counters.CountQuarantined();
        var payload = message.Payload[..Math.Min(message.Payload.Length, Limits.QuarantineBytesMax)].ToArray();
        var topic = message.Topic.Length > TopicCharsMax ? message.Topic[..TopicCharsMax] : message.Topic;
        return pipeline.QuarantineAsync(new Quarantined(time.HubNow(), deviceId, siteId, topic, reason, 0, payload));
    }
}
