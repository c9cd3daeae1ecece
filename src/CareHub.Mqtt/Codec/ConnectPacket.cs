using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Codec;

/// <summary>A decoded CONNECT, MQTT 5.0 §3.1.</summary>
internal sealed class ConnectPacket
{
    /// <summary>The protocol name was one that exists.</summary>
    public bool NameKnown { get; set; }

    public byte Level { get; set; }

    /// <summary>Clean Start (5.0), Clean Session (3.1.1).</summary>
    public bool CleanStart { get; set; }

    public ushort KeepAliveSeconds { get; set; }

    public string ClientId { get; set; } = "";

    public string? Username { get; set; }

    public byte[]? Password { get; set; }

    public WillMessage? Will { get; set; }

    /// <summary>Null when absent, which means 0 in 5.0.</summary>
    public uint? SessionExpirySeconds { get; set; }

    public ushort ReceiveMaximum { get; set; } = ushort.MaxValue;

    /// <summary>Largest packet the client takes, in bytes.</summary>
    public uint PacketBytesMax { get; set; } = uint.MaxValue;

    public ushort TopicAliasMaximum { get; set; }

    public bool RequestResponseInformation { get; set; }

    public bool RequestProblemInformation { get; set; } = true;

    public string? AuthenticationMethod { get; set; }

    public bool V5 => Level == ProtocolLevel.V5;
}

/// <summary>The will of a CONNECT.</summary>
internal sealed class WillMessage
{
    public required byte[] Topic { get; init; }

    public required byte[] Payload { get; init; }

    /// <summary>Properties that are published with it, encoded; without delay and expiry.</summary>
    public required byte[] Properties { get; init; }

    public required byte Qos { get; init; }

    public required bool Retain { get; init; }

    public uint DelaySeconds { get; init; }

    public uint? ExpirySeconds { get; init; }
}
