namespace CareHub.Mqtt.Client;

/// <summary>A name and a value that travel with a message, MQTT 5.0 §3.3.2.3.7.</summary>
/// <param name="Name">May repeat.</param>
/// <param name="Value">Any text.</param>
public readonly record struct MqttUserProperty(string Name, string Value);

/// <summary>What 5.0 lets a publisher say about a message. Ignored on a 3.1.1 connection.</summary>
public sealed class MqttPublishProperties
{
    /// <summary>The payload is UTF-8 text.</summary>
    public bool PayloadIsUtf8 { get; init; }

    /// <summary>Seconds until the message is worthless, or null.</summary>
    public uint? ExpirySeconds { get; init; }

    /// <summary>MIME type, for example.</summary>
    public string? ContentType { get; init; }

    /// <summary>Where an answer is expected.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>What the answer has to carry; at most 65,535 bytes.</summary>
    public ReadOnlyMemory<byte>? CorrelationData { get; init; }

    /// <summary>In order.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>Subscriptions that matched; only on received messages.</summary>
    public IReadOnlyList<uint> SubscriptionIdentifiers { get; init; } = [];
}

/// <summary>A received message.</summary>
public sealed class MqttMessage
{
    /// <summary>Topic name.</summary>
    public required string Topic { get; init; }

    /// <summary>The message's own copy; may be kept.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>0, 1 or 2.</summary>
    public required byte Qos { get; init; }

    /// <summary>It was retained before the subscription was made, or the subscription asked to keep the flag.</summary>
    public required bool Retain { get; init; }

    /// <summary>It may have been sent before.</summary>
    public bool Duplicate { get; init; }

    /// <summary>Null on 3.1.1 connections and when there are none.</summary>
    public MqttPublishProperties? Properties { get; init; }
}
