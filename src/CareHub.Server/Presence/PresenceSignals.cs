using CareHub.Core.Signals;

namespace CareHub.Server.Presence;

/// <summary>Signals that the hub itself makes of silence and return.</summary>
internal static class PresenceSignals
{
    public static Signal Offline(string deviceId, SignalSource source, DateTimeOffset now, byte[] raw) => new()
    {
        DeviceId = deviceId,
        Id = $"~offline-{now.ToUnixTimeMilliseconds()}-{source}",
        Kind = SignalKind.Offline,
        ReceivedAt = now,
        Source = source,
        Raw = raw,
    };

    public static Signal Online(string deviceId, DateTimeOffset now) => new()
    {
        DeviceId = deviceId,
        Id = $"~online-{now.ToUnixTimeMilliseconds()}",
        Kind = SignalKind.Online,
        ReceivedAt = now,
    };
}
