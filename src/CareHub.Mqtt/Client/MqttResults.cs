using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>The server's answer to a publish.</summary>
/// <param name="Reason">0x80 and above means refused; always success for QoS 0 and for 3.1.1.</param>
/// <param name="ReasonString">The server's words, if any.</param>
public readonly record struct MqttPublishResult(ReasonCode Reason, string? ReasonString = null)
{
    /// <summary>The server has taken the message.</summary>
    public bool IsSuccess => Reason < ReasonCode.UnspecifiedError;
}

/// <summary>A topic filter and how its messages are wanted.</summary>
/// <param name="TopicFilter">May hold wildcards and a <c>$share/group/</c> prefix.</param>
/// <param name="Qos">Highest QoS wanted: 0, 1 or 2.</param>
/// <param name="NoLocal">Leave out own messages; 5.0 only.</param>
/// <param name="RetainAsPublished">Keep the RETAIN flag of messages passed on; 5.0 only.</param>
/// <param name="RetainHandling">0: send retained messages; 1: only for a new subscription; 2: never. 5.0 only.</param>
public readonly record struct MqttSubscription(
    string TopicFilter,
    byte Qos = 0,
    bool NoLocal = false,
    bool RetainAsPublished = false,
    byte RetainHandling = 0);

/// <summary>What the server said when it accepted.</summary>
/// <param name="SessionPresent">It continued a session.</param>
/// <param name="AssignedClientId">The client identifier it chose, or null.</param>
/// <param name="KeepAliveSeconds">The keep-alive in force.</param>
/// <param name="SessionExpirySeconds">The session expiry in force; null when the server did not change it.</param>
/// <param name="ReceiveMaximum">Unacknowledged publishes of QoS 1 and 2 it allows.</param>
/// <param name="PacketBytesMax">Largest packet it accepts, or null.</param>
/// <param name="QosMax">Highest QoS it accepts.</param>
/// <param name="ResponseInformation">Basis for response topics, or null.</param>
public sealed record MqttConnectResult(
    bool SessionPresent,
    string? AssignedClientId,
    ushort KeepAliveSeconds,
    uint? SessionExpirySeconds,
    ushort ReceiveMaximum,
    uint? PacketBytesMax,
    byte QosMax,
    string? ResponseInformation);

/// <summary>How a connection ended.</summary>
/// <param name="Reason">The server's DISCONNECT reason, success after an own DISCONNECT, null when the transport just ended.</param>
/// <param name="ReasonString">The server's words, if any.</param>
/// <param name="Exception">What broke, if something did.</param>
public sealed record MqttClosed(ReasonCode? Reason, string? ReasonString, Exception? Exception);

/// <summary>The server refused the connection, or there is none any more.</summary>
public sealed class MqttException : IOException
{
    /// <summary>Creates it.</summary>
    public MqttException(string message, ReasonCode? reason = null, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>The server's reason, when it gave one; 3.1.1 return codes are translated.</summary>
    public ReasonCode? Reason { get; }
}
