using CareHub.Mqtt.Packets;

namespace CareHub.Simulator.Fleet;

internal enum NoticeKind
{
    /// <summary>The handshake has ended with a verdict.</summary>
    Connected,

    /// <summary>There was no handshake to be had.</summary>
    ConnectFailed,

    Acknowledged,

    /// <summary>The connection has ended, or a publish on it has failed, which means the same.</summary>
    Closed,
}

/// <summary>Mail from a connection to the fleet: connections live on many threads, the fleet on one.</summary>
/// <param name="Session">Whose.</param>
/// <param name="Connection">Which of its connections; mail from an older one is void.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Reason">The hub's verdict.</param>
/// <param name="Message">What was acknowledged.</param>
/// <param name="Text">Why there was no connection.</param>
/// <param name="Timestamp">When it happened, not when it was read.</param>
internal readonly record struct Notice(
    DeviceSession Session,
    int Connection,
    NoticeKind Kind,
    ReasonCode Reason = ReasonCode.Success,
    Message? Message = null,
    string? Text = null,
    long Timestamp = 0);
