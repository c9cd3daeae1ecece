using System.Collections.Concurrent;
using System.Text;
using CareHub.Mqtt.Broker;

namespace CareHub.Mqtt.Tests.Support;

/// <summary>A publish as a handler saw it.</summary>
internal sealed record Seen(string ClientId, string Topic, string Payload, byte Qos, bool Retain, bool Duplicate, bool IsWill);

/// <summary>A handler whose answers a test sets; it accepts and delivers unless told otherwise.</summary>
internal sealed class ScriptedHandler : IMqttHandler
{
    public ConcurrentQueue<Seen> Published { get; } = new();

    public ConcurrentQueue<(string ClientId, DisconnectCause Cause)> Gone { get; } = new();

    public ConcurrentQueue<ConnectAttempt> Attempts { get; } = new();

    public Func<ConnectAttempt, ConnectVerdict> OnConnect { get; set; } = _ => ConnectVerdict.Accept(null);

    public Func<string, bool> AllowPublish { get; set; } = _ => true;

    public Func<string, bool> AllowSubscribe { get; set; } = _ => true;

    public Func<Seen, ValueTask<PublishVerdict>> OnPublish { get; set; } = _ => new(PublishVerdict.Deliver);

    public ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        Attempts.Enqueue(attempt);
        return new(OnConnect(attempt));
    }

    public bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8) => AllowPublish(Encoding.UTF8.GetString(topicUtf8));

    public bool MaySubscribe(MqttPeer peer, string topicFilter) => AllowSubscribe(topicFilter);

    public ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish)
    {
        var seen = new Seen(
            publish.Peer.ClientId,
            Encoding.UTF8.GetString(publish.TopicUtf8),
            Encoding.UTF8.GetString(publish.Payload),
            publish.Qos,
            publish.Retain,
            publish.Duplicate,
            publish.IsWill);
        Published.Enqueue(seen);
        return OnPublish(seen);
    }

    public void Disconnected(MqttPeer peer, DisconnectCause cause) => Gone.Enqueue((peer.ClientId, cause));
}
