using CareHub.Mqtt.Codec;

namespace CareHub.Mqtt.Sessions;

/// <summary>
/// An application message that outlives the receive buffer: queued, in flight, retained, or waiting for its handler.
/// One instance is shared by every subscriber; topic, forwarded properties and payload lie in one array.
/// </summary>
internal sealed class StoredMessage
{
    /// <summary>For <see cref="ExpiresAtMs"/>: never.</summary>
    public const long Never = long.MaxValue;

    private readonly byte[] _data;
    private readonly ushort _topicBytes;
    private readonly int _propertyBytes;

    public StoredMessage(ReadOnlySpan<byte> topic, in ForwardedProperties properties, ReadOnlySpan<byte> payload, byte qos, bool retain, long expiresAtMs)
    {
        _topicBytes = (ushort)topic.Length;
        _propertyBytes = properties.Length;
        _data = GC.AllocateUninitializedArray<byte>(topic.Length + properties.Length + payload.Length);
        topic.CopyTo(_data);
        properties.CopyTo(_data.AsSpan(topic.Length));
        payload.CopyTo(_data.AsSpan(topic.Length + properties.Length));
        Qos = qos;
        Retain = retain;
        ExpiresAtMs = expiresAtMs;
    }

    public byte Qos { get; }

    public bool Retain { get; }

    /// <summary>On the broker's clock, milliseconds.</summary>
    public long ExpiresAtMs { get; }

    public int Bytes => _data.Length;

    public ReadOnlyMemory<byte> TopicMemory => _data.AsMemory(0, _topicBytes);

    public ReadOnlyMemory<byte> PropertiesMemory => _data.AsMemory(_topicBytes, _propertyBytes);

    public ReadOnlyMemory<byte> PayloadMemory => _data.AsMemory(_topicBytes + _propertyBytes);

    /// <summary>As the store was told of it, once it was.</summary>
    public DurableMessage? Durable { get; set; }

    public ReadOnlySpan<byte> Topic => _data.AsSpan(0, _topicBytes);

    public ReadOnlySpan<byte> Properties => _data.AsSpan(_topicBytes, _propertyBytes);

    public ReadOnlySpan<byte> Payload => _data.AsSpan(_topicBytes + _propertyBytes);
}

/// <summary>
/// A message on its way through the broker: a view of the receive buffer or of a <see cref="StoredMessage"/>.
/// It becomes a stored message only when somebody has to keep it, and then once.
/// </summary>
internal ref struct MessageView
{
    private StoredMessage? _stored;

    public MessageView(StoredMessage stored)
    {
        _stored = stored;
        Topic = stored.Topic;
        Properties = new ForwardedProperties(stored.Properties, default, default);
        Payload = stored.Payload;
        Qos = stored.Qos;
        Retain = stored.Retain;
        ExpiresAtMs = stored.ExpiresAtMs;
    }

    public MessageView(in DecodedPublish publish, ReadOnlySpan<byte> topic, long expiresAtMs)
    {
        Topic = topic;
        Properties = publish.Forwarded;
        Payload = publish.Payload;
        Qos = publish.Qos;
        Retain = publish.Retain;
        ExpiresAtMs = expiresAtMs;
    }

    public readonly ReadOnlySpan<byte> Topic { get; }

    public readonly ForwardedProperties Properties { get; }

    public readonly ReadOnlySpan<byte> Payload { get; }

    public readonly byte Qos { get; }

    public readonly bool Retain { get; }

    public readonly long ExpiresAtMs { get; }

    public StoredMessage Store() => _stored ??= new StoredMessage(Topic, Properties, Payload, Qos, Retain, ExpiresAtMs);
}
