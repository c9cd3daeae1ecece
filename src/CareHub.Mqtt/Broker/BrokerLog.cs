using System.Net;
using Microsoft.Extensions.Logging;

namespace CareHub.Mqtt.Broker;

/// <summary>Log messages of the broker; event ids 8000 to 8099. Payloads and passwords are never logged.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(8000, LogLevel.Information, "MQTT listening on {Endpoint}")]
    public static partial void Listening(ILogger logger, EndPoint endpoint);

    [LoggerMessage(8001, LogLevel.Debug, "Client {ClientId} connected from {Remote}, protocol level {Level}, session present {SessionPresent}")]
    public static partial void Connected(ILogger logger, string clientId, EndPoint? remote, byte level, bool sessionPresent);

    [LoggerMessage(8002, LogLevel.Debug, "Client {ClientId} gone: {Cause}")]
    public static partial void Gone(ILogger logger, string clientId, DisconnectCause cause);

    [LoggerMessage(8003, LogLevel.Debug, "CONNECT from {Remote} refused with 0x{Reason:X2}")]
    public static partial void Refused(ILogger logger, EndPoint? remote, byte reason);

    [LoggerMessage(8004, LogLevel.Debug, "Client {ClientId} broke the protocol: 0x{Reason:X2}")]
    public static partial void ProtocolBroken(ILogger logger, string clientId, byte reason);

    [LoggerMessage(8005, LogLevel.Error, "The handler failed on a publish of {ClientId}; the connection is closed without an acknowledgement")]
    public static partial void HandlerFailed(ILogger logger, string clientId, Exception exception);

    [LoggerMessage(8006, LogLevel.Error, "The handler failed on the will of {ClientId}")]
    public static partial void WillFailed(ILogger logger, string clientId, Exception exception);

    [LoggerMessage(8007, LogLevel.Error, "A connection ended by an error of the broker itself")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception);

    [LoggerMessage(8008, LogLevel.Warning, "Accepting on {Endpoint} failed; trying again")]
    public static partial void AcceptFailed(ILogger logger, EndPoint endpoint, Exception exception);

    [LoggerMessage(8009, LogLevel.Debug, "A TLS handshake failed: {Message}")]
    public static partial void HandshakeFailed(ILogger logger, string message);
}
