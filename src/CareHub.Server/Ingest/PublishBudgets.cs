using System.Collections.Concurrent;
using CareHub.Server.Configuration;

namespace CareHub.Server.Ingest;

/// <summary>What a device may send: signals and telemetry apart, so that neither can eat the other's.</summary>
internal sealed record PublishBudget(TokenBucket Signals, TokenBucket Telemetry);

/// <summary>A budget for every device that has spoken, whoever carried its messages; one that reconnects gets no fresh one.</summary>
internal sealed class PublishBudgets(MqttLimitOptions limits)
{
    private readonly ConcurrentDictionary<string, PublishBudget> _devices = new(StringComparer.Ordinal);

    /// <summary>Only registered devices are asked for, which bounds the book.</summary>
    public PublishBudget Of(string deviceId) => _devices.GetOrAdd(deviceId, static (_, limits) => new PublishBudget(
        new TokenBucket(limits.SignalsPerSecond, limits.SignalBurst),
        new TokenBucket(limits.TelemetryPerSecond, limits.TelemetryBurst)), limits);
}
