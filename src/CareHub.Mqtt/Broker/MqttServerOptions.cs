using System.Net;
using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Broker;

/// <summary>What a person configures about the broker.</summary>
public sealed class MqttServerOptions
{
    /// <summary>Plain TCP listeners.</summary>
    public IList<IPEndPoint> Listen { get; } = [];

    /// <summary>
    /// Threads that serve plain TCP on Linux, one for two processors by default; the host's handler runs on them and must
    /// not block. 0 uses Kestrel's socket transport on the thread pool instead, as other systems always do.
    /// </summary>
    public int EventLoops { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>TLS listeners.</summary>
    public IList<MqttTlsListener> ListenTls { get; } = [];

    /// <summary>Keeps sessions and retained messages across restarts; null keeps them in memory only.</summary>
    public ISessionStore? SessionStore { get; set; }

    /// <summary>Every bound of the broker.</summary>
    public MqttLimits Limits { get; set; } = new();

    /// <summary>Largest packet accepted, in bytes (fixed header included); larger ones end the connection with 0x95.</summary>
    public int PacketBytesMax
    {
        get => Limits.PacketBytesMax;
        set => Limits.PacketBytesMax = value;
    }

    /// <summary>
    /// When set, a 5.0 client that asks for Response Information is told this prefix and its client identifier; null
    /// answers nothing, which the specification allows (§3.2.2.3.15).
    /// </summary>
    public string? ResponseTopicPrefix { get; set; }
}
