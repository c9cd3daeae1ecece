using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Broker;

/// <summary>From the first byte to the CONNACK.</summary>
internal static class Handshake
{
    /// <summary>Reads the CONNECT and answers it. Null when the connection is not accepted.</summary>
    public static async Task<ClientProtocol?> RunAsync(BrokerCore broker, Connection connection, PipeReader input)
    {
        var connect = new ConnectPacket();
        if (await ReadConnectAsync(broker, connection, input, connect).ConfigureAwait(false) is { } error)
        {
            Refuse(broker, connection, connect, error, null);
            return null;
        }

        if (Check(connect, broker.Limits) is { } fault)
        {
            Refuse(broker, connection, connect, fault, null);
            return null;
        }

        var assigned = connect.ClientId.Length == 0;
        if (assigned)
        {
            connect.ClientId = "auto-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)); // [MQTT-3.1.3-6]
        }

        var attempt = new ConnectAttempt(
            connect.ClientId,
            Math.Max(connect.Level, ProtocolLevel.V311),
            connect.Username,
            connect.Password,
            connection.Certificate,
            connection.Remote);
        var verdict = await broker.Handler.ConnectAsync(attempt, CancellationToken.None).ConfigureAwait(false);
        if (verdict.Reason != ReasonCode.Success)
        {
            Refuse(broker, connection, connect, verdict.Reason, verdict.ReasonString);
            return null;
        }

        var peer = new MqttPeer(connect.ClientId, verdict.Principal, connection.Remote);
        if (connect.Will is { } will && !broker.Handler.MayPublish(peer, will.Topic))
        {
            broker.Handler.Disconnected(peer, DisconnectCause.ServerDisconnect);
            Refuse(broker, connection, connect, ReasonCode.NotAuthorized, "The will's topic is not allowed.");
            return null;
        }

        return Accept(broker, connection, connect, peer, assigned);
    }

    private static ClientProtocol? Accept(BrokerCore broker, Connection connection, ConnectPacket connect, MqttPeer peer, bool assigned)
    {
        var limits = broker.Limits;
        var keepAlive = connect.KeepAliveSeconds;
        if (connect.V5 && limits.KeepAliveSecondsMax < ushort.MaxValue && (keepAlive == 0 || keepAlive > limits.KeepAliveSecondsMax))
        {
            keepAlive = limits.KeepAliveSecondsMax;
        }

        var wanted = connect.V5 ? connect.SessionExpirySeconds ?? 0 : connect.CleanStart ? 0 : uint.MaxValue;
        var expiry = Math.Min(wanted, limits.SessionExpirySecondsMax);
        connection.Configure(connect, peer, keepAlive);
        if (connection.Cause is not null)
        {
            broker.Handler.Disconnected(peer, connection.Cause.Value);
            return null;
        }

        var connack = new ConnackPacket
        {
            SessionExpirySeconds = expiry == wanted ? null : expiry,
            ReceiveMaximum = limits.ReceiveMaximum == ushort.MaxValue ? null : limits.ReceiveMaximum,
            PacketBytesMax = limits.PacketBytesMax == MqttLimits.PacketBytesCeiling ? null : (uint)limits.PacketBytesMax,
            AssignedClientId = assigned ? connect.ClientId : null, // [MQTT-3.2.2-16]
            TopicAliasMaximum = limits.TopicAliasMaximum == 0 ? null : limits.TopicAliasMaximum,
            ServerKeepAliveSeconds = keepAlive == connect.KeepAliveSeconds ? null : keepAlive,
            ResponseInformation = connect.RequestResponseInformation && broker.Options.ResponseTopicPrefix is { } prefix
                ? prefix + connect.ClientId
                : null, // [MQTT-3.1.2-28]
        };
        if (ConnackEncoder.Encode(connect.Level, connack).Length > connect.PacketBytesMax)
        {
            // What has to be said does not fit into what the client takes: it cannot be served [MQTT-3.1.2-24].
            broker.Handler.Disconnected(peer, DisconnectCause.ServerDisconnect);
            Refuse(broker, connection, connect, ReasonCode.PacketTooLarge, null);
            return null;
        }

        var session = broker.Sessions.Attach(connection, connect.ClientId, connect.CleanStart, expiry, present =>
        {
            connack.SessionPresent = present; // [MQTT-3.2.2-2], [MQTT-3.2.2-3]
            connection.Write(ConnackEncoder.Encode(connect.Level, connack));
        });
        if (session is null)
        {
            broker.Handler.Disconnected(peer, DisconnectCause.ServerDisconnect);
            Refuse(broker, connection, connect, ReasonCode.QuotaExceeded, null);
            return null;
        }

        BrokerLog.Connected(broker.Logger, connect.ClientId, connection.Remote, connect.Level, connack.SessionPresent);
        var protocol = new ClientProtocol(broker, connection, session);
        lock (session)
        {
            if (ReferenceEquals(session.Connection, connection))
            {
                session.Pump(); // [MQTT-4.4.0-1]
            }
        }

        return protocol;
    }

    /// <summary>What can be said against a well-formed CONNECT without asking the host.</summary>
    private static ReasonCode? Check(ConnectPacket connect, MqttLimits limits)
    {
        if (connect.AuthenticationMethod is not null)
        {
            return ReasonCode.BadAuthenticationMethod; // no enhanced authentication is offered [MQTT-4.12.0-1]
        }

        if (connect.ClientId.Length == 0 && !connect.V5 && !connect.CleanStart)
        {
            return ReasonCode.ClientIdentifierNotValid; // [MQTT-3.1.3-8] of 3.1.1
        }

        if (connect.Will is { } will && TopicRules.CountLevels(will.Topic) > limits.TopicLevelsMax)
        {
            return ReasonCode.TopicNameInvalid;
        }

        return null;
    }

    /// <summary>Reads one CONNECT. Returns what is wrong with it, or null.</summary>
    private static async Task<ReasonCode?> ReadConnectAsync(BrokerCore broker, Connection connection, PipeReader input, ConnectPacket connect)
    {
        while (true)
        {
            var result = await input.ReadAsync().ConfigureAwait(false);
            if (result.IsCanceled || connection.Cause is not null)
            {
                return ReasonCode.ServerShuttingDown;
            }

            var buffer = result.Buffer;
            if (!buffer.IsEmpty && buffer.FirstSpan[0] != (byte)PacketType.Connect << 4)
            {
                return ReasonCode.ProtocolError; // [MQTT-3.1.0-1]
            }

            var status = Frame.TryRead(buffer, broker.Limits.PacketBytesMax, out var frame);
            if (status == FrameStatus.Complete)
            {
                var body = buffer.Slice(frame.BodyOffset, frame.BodyLength);
                var error = ConnectDecoder.Decode(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), connect);
                input.AdvanceTo(body.End);
                return error == ReasonCode.Success ? null : error;
            }

            if (status != FrameStatus.Incomplete)
            {
                return status == FrameStatus.TooLarge ? ReasonCode.PacketTooLarge : ReasonCode.MalformedPacket;
            }

            if (result.IsCompleted)
            {
                return ReasonCode.MalformedPacket;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Says no where the version allows an answer, which a connection that is not MQTT does not [MQTT-3.1.4-1].</summary>
    private static void Refuse(BrokerCore broker, Connection connection, ConnectPacket connect, ReasonCode reason, string? reasonString)
    {
        BrokerLog.Refused(broker.Logger, connection.Remote, (byte)reason);
        connection.SetCause(DisconnectCause.ServerDisconnect);
        var malformed = reason is ReasonCode.MalformedPacket or ReasonCode.ProtocolError or ReasonCode.PacketTooLarge or ReasonCode.ServerShuttingDown;
        if (connect.Level == 0 && reason != ReasonCode.UnsupportedProtocolVersion)
        {
            return;
        }

        if (malformed && !connect.V5)
        {
            return;
        }

        if (reason == ReasonCode.UnsupportedProtocolVersion && !connect.NameKnown)
        {
            return; // [MQTT-3.1.2-1]: not MQTT
        }

        // An unknown version is answered in the form that every version since 3.1 understands [MQTT-3.1.2-2 of 3.1.1].
        var level = reason == ReasonCode.UnsupportedProtocolVersion ? ProtocolLevel.V311 : connect.Level;
        var connack = new ConnackPacket { Reason = reason, ReasonString = connect.RequestProblemInformation ? reasonString : null };
        var packet = ConnackEncoder.Encode(level, connack);
        if (packet.Length > connect.PacketBytesMax)
        {
            connack.ReasonString = null; // [MQTT-3.2.2-19]
            packet = ConnackEncoder.Encode(level, connack);
        }

        if (packet.Length > connect.PacketBytesMax)
        {
            return; // [MQTT-3.1.2-24]
        }

        lock (connection.Gate)
        {
            connection.Write(packet);
        }

        Codec.FlushBatch.Current.FlushAll();
    }
}
