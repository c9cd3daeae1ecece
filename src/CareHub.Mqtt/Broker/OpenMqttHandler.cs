using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Broker;

/// <summary>Lets everybody connect, publish and subscribe, and delivers every message: a general broker.</summary>
public sealed class OpenMqttHandler : IMqttHandler
{
    /// <inheritdoc />
    public ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken) =>
        new(ConnectVerdict.Accept(null));

    /// <inheritdoc />
    public bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8) => true;

    /// <inheritdoc />
    public bool MaySubscribe(MqttPeer peer, string topicFilter) => true;

    /// <inheritdoc />
    public ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish) => new(PublishVerdict.Deliver);

    /// <inheritdoc />
    public void Disconnected(MqttPeer peer, DisconnectCause cause)
    {
    }
}
