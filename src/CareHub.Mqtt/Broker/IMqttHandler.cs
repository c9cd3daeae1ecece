using System.Net;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Broker;

/// <summary>
/// What the broker asks its host: who may connect, publish and subscribe, and what becomes of a publish.
/// The broker knows nothing of care; this is the only seam through which a product speaks to it.
/// </summary>
/// <remarks>Every member may be called concurrently for different connections.</remarks>
public interface IMqttHandler
{
    /// <summary>Decides on a CONNECT. Runs before any session state is touched.</summary>
    ValueTask<ConnectVerdict> ConnectAsync(ConnectAttempt attempt, CancellationToken cancellationToken);

    /// <summary>May this client publish to the topic? Also asked for a will's topic at CONNECT.</summary>
    bool MayPublish(MqttPeer peer, ReadOnlySpan<byte> topicUtf8);

    /// <summary>May this client subscribe with the filter (without any <c>$share/group/</c> prefix)?</summary>
    bool MaySubscribe(MqttPeer peer, string topicFilter);

    /// <summary>
    /// Takes a publish. PUBACK (PUBREC for QoS 2) leaves when the task completes, never before; the broker goes on
    /// reading the connection meanwhile, within its in-flight window, and acknowledgements leave in the order the
    /// publishes arrived [MQTT-4.6.0-2]. A task that faults closes the connection without an acknowledgement, so
    /// that the sender keeps the message and sends it again.
    /// </summary>
    /// <param name="publish">
    /// A view of the receive buffer. Valid only until this method returns (not until the task completes): decode or
    /// copy synchronously. Being a ref struct, it cannot outlive the call by mistake.
    /// </param>
    ValueTask<PublishVerdict> PublishAsync(in InboundPublish publish);

    /// <summary>A client that <see cref="ConnectAsync"/> accepted has gone, for whatever reason. Called once per accepted connection.</summary>
    void Disconnected(MqttPeer peer, DisconnectCause cause);
}

/// <summary>An accepted connection's identity, the same instance for every call about that connection.</summary>
public sealed class MqttPeer
{
    /// <summary>Creates the identity of one connection.</summary>
    public MqttPeer(string clientId, object? principal, EndPoint? remote)
    {
        ClientId = clientId;
        Principal = principal;
        Remote = remote;
    }

    /// <summary>Client identifier, assigned by the broker when the client sent none.</summary>
    public string ClientId { get; }

    /// <summary>Whatever <see cref="ConnectVerdict.Principal"/> held.</summary>
    public object? Principal { get; }

    /// <summary>Address of the other side, when the transport knows it.</summary>
    public EndPoint? Remote { get; }
}

/// <summary>A CONNECT that waits for a decision.</summary>
/// <param name="ClientId">Client identifier as it will be used (assigned when the client sent none).</param>
/// <param name="ProtocolLevel">4 for MQTT 3.1.1, 5 for MQTT 5.0.</param>
/// <param name="Username">User name, or null when absent.</param>
/// <param name="Password">Password bytes; empty when absent.</param>
/// <param name="Certificate">Client certificate of a mutual TLS connection, already validated by the listener.</param>
/// <param name="Remote">Address of the other side, when the transport knows it.</param>
public sealed record ConnectAttempt(
    string ClientId,
    byte ProtocolLevel,
    string? Username,
    ReadOnlyMemory<byte> Password,
    X509Certificate2? Certificate,
    EndPoint? Remote);

/// <summary>The answer to a CONNECT.</summary>
/// <param name="Reason"><see cref="ReasonCode.Success"/> accepts; any other code goes into the CONNACK (mapped for 3.1.1).</param>
/// <param name="Principal">Identity to attach to <see cref="MqttPeer.Principal"/>.</param>
/// <param name="ReasonString">Text for a person, sent to MQTT 5.0 clients that allow it.</param>
public readonly record struct ConnectVerdict(ReasonCode Reason, object? Principal = null, string? ReasonString = null)
{
    /// <summary>Accepts the connection.</summary>
    public static ConnectVerdict Accept(object? principal) => new(ReasonCode.Success, principal);

    /// <summary>Refuses the connection.</summary>
    public static ConnectVerdict Refuse(ReasonCode reason, string? reasonString = null) => new(reason, null, reasonString);
}

/// <summary>A publish as it lies in the receive buffer.</summary>
public readonly ref struct InboundPublish
{
    /// <summary>Who publishes.</summary>
    public required MqttPeer Peer { get; init; }

    /// <summary>Topic name in UTF-8, validated; a topic alias is already resolved.</summary>
    public required ReadOnlySpan<byte> TopicUtf8 { get; init; }

    /// <summary>Application message.</summary>
    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>0, 1 or 2.</summary>
    public required byte Qos { get; init; }

    /// <summary>RETAIN flag.</summary>
    public required bool Retain { get; init; }

    /// <summary>DUP flag: the sender may have sent this before.</summary>
    public bool Duplicate { get; init; }

    /// <summary>This is the will of a connection that ended without a DISCONNECT.</summary>
    public bool IsWill { get; init; }
}

/// <summary>What became of a publish.</summary>
/// <param name="Reason">
/// Code for PUBACK or PUBREC. MQTT 3.1.1 has no code there: a failure closes a 3.1.1 connection when it is
/// <see cref="ReasonCode.NotAuthorized"/> and is acknowledged otherwise, because the message was taken care of.
/// </param>
/// <param name="Route">Whether the broker delivers the message to matching subscribers and keeps it when retained.</param>
/// <param name="ReasonString">Text for a person, sent to MQTT 5.0 clients that allow it.</param>
public readonly record struct PublishVerdict(ReasonCode Reason, bool Route, string? ReasonString = null)
{
    /// <summary>Acknowledge and deliver to subscribers.</summary>
    public static PublishVerdict Deliver => new(ReasonCode.Success, Route: true);

    /// <summary>Acknowledge; the handler has consumed the message, subscribers do not see it.</summary>
    public static PublishVerdict Consume => new(ReasonCode.Success, Route: false);

    /// <summary>Refuse with a reason.</summary>
    public static PublishVerdict Refuse(ReasonCode reason, string? reasonString = null) => new(reason, false, reasonString);
}

/// <summary>Why a connection ended.</summary>
public enum DisconnectCause
{
    /// <summary>The client sent DISCONNECT.</summary>
    ClientDisconnect,

    /// <summary>The transport closed without a DISCONNECT.</summary>
    ConnectionLost,

    /// <summary>Nothing arrived for one and a half keep-alive periods [MQTT-3.1.2-22].</summary>
    KeepAliveTimeout,

    /// <summary>Another connection with the same client identifier took the session over [MQTT-3.1.4-3].</summary>
    TakenOver,

    /// <summary>The client broke the protocol.</summary>
    ProtocolError,

    /// <summary>The host asked for it, or the handler failed.</summary>
    ServerDisconnect,

    /// <summary>The broker is stopping.</summary>
    ServerShutdown,
}
