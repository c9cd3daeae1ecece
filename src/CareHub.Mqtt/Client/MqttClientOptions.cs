using System.Net.Security;

namespace CareHub.Mqtt.Client;

/// <summary>Version of the protocol.</summary>
public enum MqttVersion
{
    /// <summary>MQTT 3.1.1.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0.</summary>
    V5 = 5,
}

/// <summary>How a client connects.</summary>
public sealed class MqttClientOptions
{
    /// <summary>Host name or address.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>TCP port; 1883 is MQTT's, 8883 that of MQTT over TLS.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>Protocol version.</summary>
    public MqttVersion Version { get; set; } = MqttVersion.V5;

    /// <summary>Client identifier; empty lets the server assign one (see <see cref="MqttClient.ClientId"/>).</summary>
    public string ClientId { get; set; } = "";

    /// <summary>User name, or null for none.</summary>
    public string? Username { get; set; }

    /// <summary>Password, sent as UTF-8, or null for none.</summary>
    public string? Password { get; set; }

    /// <summary>Start without the session of former connections.</summary>
    public bool CleanStart { get; set; } = true;

    /// <summary>
    /// Seconds that the session outlives the connection, 5.0 only; <see cref="uint.MaxValue"/> for ever. With 3.1.1
    /// <see cref="CleanStart"/> alone decides.
    /// </summary>
    public uint SessionExpirySeconds { get; set; }

    /// <summary>Seconds of silence after which the client sends a ping; 0 sends none.</summary>
    public ushort KeepAliveSeconds { get; set; } = 60;

    /// <summary>What the server publishes when this client vanishes, or null.</summary>
    public MqttWill? Will { get; set; }

    /// <summary>
    /// Messages that may wait for their acknowledgement. 5.0 announces it and the server sends no more of QoS 1 and 2
    /// [MQTT-3.3.4-9]; 3.1.1 cannot say so, and the client stops reading instead. At least 1.
    /// </summary>
    public ushort ReceiveMaximum { get; set; } = 1_024;

    /// <summary>Own publishes of QoS 1 and 2 that may be unacknowledged at once; the server's Receive Maximum lowers it. At least 1.</summary>
    public ushort InflightMax { get; set; } = 1_024;

    /// <summary>Largest packet accepted, in bytes; announced in 5.0. A larger one closes the connection.</summary>
    public int PacketBytesMax { get; set; } = 16 * 1024 * 1024;

    /// <summary>Time for transport, TLS and CONNACK together.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>TLS is used when set; <see cref="SslClientAuthenticationOptions.TargetHost"/> defaults to <see cref="Host"/>.</summary>
    public SslClientAuthenticationOptions? Tls { get; set; }

    /// <summary>
    /// A <c>ws:</c> or <c>wss:</c> address: MQTT goes over a WebSocket instead of TCP, and <see cref="Host"/> and
    /// <see cref="Port"/> mean nothing. <see cref="Tls"/> applies to <c>wss:</c>.
    /// </summary>
    public Uri? WebSocket { get; set; }

    /// <summary>Opens the byte stream instead of TCP, TLS and WebSocket.</summary>
    public Func<CancellationToken, ValueTask<Stream>>? OpenStream { get; set; }

    /// <summary>
    /// Called for each message, one after another, on the connection's reading loop: do not block. The returned task is
    /// the acknowledgement: PUBACK (PUBREC for QoS 2) leaves when it completes, in order of arrival [MQTT-4.6.0-2],
    /// whatever the order in which tasks complete. Further messages are delivered meanwhile, until more than
    /// <see cref="ReceiveMaximum"/> wait; then the client stops reading. A task that faults closes the connection
    /// (<see cref="MqttClosed.Exception"/>) and neither its message nor a later one is acknowledged: the server keeps them
    /// for the session and sends them again on the next connection.
    /// </summary>
    public Func<MqttMessage, ValueTask>? OnMessage { get; set; }

    /// <summary>What is remembered from one connection to the next; null forgets with the connection.</summary>
    public MqttClientSession? Session { get; set; }

    /// <summary>Time for keep-alive; the system's when null.</summary>
    public TimeProvider? TimeProvider { get; set; }
}

/// <summary>A will, MQTT 5.0 §3.1.2.5.</summary>
public sealed class MqttWill
{
    /// <summary>Topic name.</summary>
    public required string Topic { get; init; }

    /// <summary>At most 65,535 bytes.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>0, 1 or 2.</summary>
    public byte Qos { get; init; }

    /// <summary>Whether the server retains it.</summary>
    public bool Retain { get; init; }

    /// <summary>Seconds between the end of the connection and the will; 5.0 only.</summary>
    public uint DelaySeconds { get; init; }

    /// <summary>Properties that are published with it; 5.0 only.</summary>
    public MqttPublishProperties? Properties { get; init; }
}
