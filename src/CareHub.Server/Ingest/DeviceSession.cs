using System.Text;

namespace CareHub.Server.Ingest;

/// <summary>A connected device: what the broker carries as its principal.</summary>
internal sealed class DeviceSession(string deviceId)
{
    public string DeviceId { get; } = deviceId;

    /// <summary>Own topics, compared as bytes so that a publish needs no string.</summary>
    public byte[] OwnPrefix { get; } = Encoding.UTF8.GetBytes($"{DeviceTopics.Root}{deviceId}/");
}
