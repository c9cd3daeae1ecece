using System.Buffers;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Broker;

/// <summary>What an accepted client's packets do. Runs on the connection's reading loop, one packet after another.</summary>
internal sealed class ClientProtocol
{
    private readonly BrokerCore _broker;
    private readonly Connection _connection;
    private readonly Session _session;
    private readonly HeldAnswers _answers;
    private readonly PublishIntake _publishes;
    private readonly uint _connectExpirySeconds;

    public ClientProtocol(BrokerCore broker, Connection connection, Session session)
    {
        _broker = broker;
        _connection = connection;
        _session = session;
        _connectExpirySeconds = session.ExpirySeconds;
        _answers = new HeldAnswers(connection, session, broker.Journal);
        _publishes = new PublishIntake(broker, connection, session, this, _answers);
    }

    /// <summary>Handles the complete packets of the buffer and moves it past them.</summary>
    public ReceiveProgress Process(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var span = buffer.FirstSpan;
            var at = 0;
            var status = FrameStatus.Incomplete;
            while (at < span.Length)
            {
                if (!_publishes.HasRoom())
                {
                    buffer = buffer.Slice(at);
                    return ReceiveProgress.Paused;
                }

                status = Frame.TryRead(span[at..], _broker.Limits.PacketBytesMax, out var frame);
                if (status != FrameStatus.Complete)
                {
                    break;
                }

                if (!Handle(frame, span.Slice(at + frame.BodyOffset, frame.BodyLength)))
                {
                    return ReceiveProgress.Close;
                }

                at += frame.Length;
            }

            var isLast = buffer.IsSingleSegment;
            buffer = buffer.Slice(at);
            if (status is FrameStatus.Malformed or FrameStatus.TooLarge)
            {
                return Refuse(status);
            }

            if (isLast)
            {
                return ReceiveProgress.NeedMore;
            }

            if (!buffer.IsEmpty && ProcessSplit(ref buffer) is { } progress)
            {
                return progress;
            }
        }

        return ReceiveProgress.NeedMore;
    }

    public Task WhenRoom() => _publishes.WhenRoom();

    /// <summary>The connection is ending: its reading loop must not wait for the handler. What waits is still concluded.</summary>
    public void StopWaiting() => _publishes.Release();

    public bool HandlerHasRoom() => _publishes.HandlerHasRoom();

    public void Conclude(PendingPublish pending, in PublishVerdict verdict) => _publishes.Conclude(pending, verdict);

    public void Fail(PendingPublish[] pending, Exception exception) => _publishes.Fail(pending, exception);

    /// <summary>A publish that this connection repeated was answered on the connection it first came by.</summary>
    public void AnswerFollower(ushort packetId, in PublishVerdict verdict) => _publishes.Answer(packetId, verdict);

    /// <summary>A publish that this connection repeated has failed.</summary>
    public void CloseFollower() => _connection.Close(DisconnectCause.ServerDisconnect, ReasonCode.UnspecifiedError);

    /// <summary>Ends the connection for a fault of the client [MQTT-4.13.1-1].</summary>
    public bool Break(ReasonCode reason)
    {
        BrokerLog.ProtocolBroken(_broker.Logger, _session.ClientId, (byte)reason);
        _connection.SetCause(DisconnectCause.ProtocolError);
        _connection.WriteDisconnect(reason, null);
        return false;
    }

    /// <summary>One packet that lies across segments; null when it was handled.</summary>
    private ReceiveProgress? ProcessSplit(ref ReadOnlySequence<byte> buffer)
    {
        var status = Frame.TryRead(buffer, _broker.Limits.PacketBytesMax, out var frame);
        switch (status)
        {
            case FrameStatus.Incomplete:
                return ReceiveProgress.NeedMore;
            case FrameStatus.Complete:
                break;
            default:
                return Refuse(status);
        }

        var copy = ArrayPool<byte>.Shared.Rent(Math.Max(1, frame.BodyLength));
        try
        {
            buffer.Slice(frame.BodyOffset, frame.BodyLength).CopyTo(copy);
            if (!Handle(frame, copy.AsSpan(0, frame.BodyLength)))
            {
                return ReceiveProgress.Close;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }

        buffer = buffer.Slice(frame.Length);
        return null;
    }

    private ReceiveProgress Refuse(FrameStatus status)
    {
        Break(status == FrameStatus.TooLarge ? ReasonCode.PacketTooLarge : ReasonCode.MalformedPacket);
        return ReceiveProgress.Close;
    }

    /// <summary>Returns false when the connection ends.</summary>
    private bool Handle(in Frame frame, ReadOnlySpan<byte> body)
    {
        switch (frame.Type)
        {
            case PacketType.Publish:
                return _publishes.OnPublish(frame.Flags, body);
            case PacketType.Pubrel:
                return _publishes.OnPubrel(body);
            case PacketType.Puback:
            case PacketType.Pubrec:
            case PacketType.Pubcomp:
                return OnAck(frame.Type, body);
            case PacketType.Subscribe:
                return OnSubscribe(body);
            case PacketType.Unsubscribe:
                return OnUnsubscribe(body);
            case PacketType.Pingreq:
                return OnPingreq(body);
            case PacketType.Disconnect:
                return OnDisconnect(body);
            default:
                // A second CONNECT [MQTT-3.1.0-2], AUTH without an authentication method [MQTT-4.12.0-6 and §4.12],
                // and what only servers send.
                return Break(ReasonCode.ProtocolError);
        }
    }

    private bool OnAck(PacketType type, ReadOnlySpan<byte> body)
    {
        var error = AckDecoder.Decode(type, body, _connection.V5, out var packetId, out var reason, out _);
        if (error != ReasonCode.Success)
        {
            return Break(error);
        }

        SessionJournal.Mark();
        lock (_session)
        {
            var state = _session.StateOf(packetId);
            switch (type)
            {
                case PacketType.Puback when state == InflightState.AwaitPuback:
                case PacketType.Pubcomp when state == InflightState.AwaitPubcomp:
                // §4.3.3: a PUBREC with a failure ends the delivery; the identifier is free.
                case PacketType.Pubrec when state == InflightState.AwaitPubrec && reason >= ReasonCode.UnspecifiedError:
                    _session.Finish(packetId);
                    return true;
                case PacketType.Pubrec when state == InflightState.AwaitPubrec:
                    _session.MarkReceived(packetId);
                    _answers.Send(PacketType.Pubrel, packetId, ReasonCode.Success, SessionJournal.Position); // [MQTT-4.3.3-4]
                    return true;
                case PacketType.Pubrec when state == InflightState.AwaitPubcomp:
                    _answers.Send(PacketType.Pubrel, packetId, ReasonCode.Success, SessionJournal.Position);
                    return true;
                case PacketType.Pubrec when state == InflightState.Done && reason < ReasonCode.UnspecifiedError:
                    _answers.Send(PacketType.Pubrel, packetId, ReasonCode.PacketIdentifierNotFound, SessionJournal.Position);
                    return true;
            }

            if (state == InflightState.Done)
            {
                return true; // acknowledged before; harmless
            }
        }

        return Break(ReasonCode.ProtocolError);
    }

    private bool OnSubscribe(ReadOnlySpan<byte> body)
    {
        var requests = new List<SubscriptionRequest>(1);
        var error = SubscribeDecoder.DecodeSubscribe(body, _connection.V5, _broker.Limits.SubscriptionsPerSessionMax, out var packetId, out var subscriptionId, requests);
        if (error != ReasonCode.Success)
        {
            return Break(error);
        }

        SessionJournal.Mark();
        var codes = new byte[requests.Count];
        var retained = new List<Subscription>();
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)Subscribe(requests[i], subscriptionId, retained);
        }

        var suback = AckEncoder.WithCodes(PacketType.Suback, packetId, _connection.V5, codes);
        if (!Answer(suback)) // [MQTT-3.8.4-1]
        {
            return false;
        }

        foreach (var subscription in retained)
        {
            _broker.Router.SendRetained(_session, subscription);
        }

        return true;
    }

    private ReasonCode Subscribe(in SubscriptionRequest request, uint subscriptionId, List<Subscription> retained)
    {
        if (TopicRules.CountLevels(request.Shared.Filter) > _broker.Limits.TopicLevelsMax)
        {
            return _connection.V5 ? ReasonCode.TopicFilterInvalid : ReasonCode.UnspecifiedError;
        }

        if (!_broker.Handler.MaySubscribe(_connection.Peer!, request.Shared.Filter))
        {
            return _connection.V5 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError; // [MQTT-3.9.3-2] of 3.1.1
        }

        if (_session.Subscribe(request, subscriptionId, out var isNew) is not { } subscription)
        {
            return _connection.V5 ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError;
        }

        // Retain Handling: [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]; 3.1.1 always sends.
        if (request.Shared.Group is null && (request.RetainHandling == 0 || (request.RetainHandling == 1 && isNew)))
        {
            retained.Add(subscription);
        }

        return (ReasonCode)request.Qos;
    }

    private bool OnUnsubscribe(ReadOnlySpan<byte> body)
    {
        var filters = new List<string>(1);
        var error = SubscribeDecoder.DecodeUnsubscribe(body, _connection.V5, _broker.Limits.SubscriptionsPerSessionMax, out var packetId, filters);
        if (error != ReasonCode.Success)
        {
            return Break(error);
        }

        SessionJournal.Mark();
        var codes = new byte[filters.Count];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)(_session.Unsubscribe(filters[i]) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted);
        }

        var unsuback = AckEncoder.WithCodes(PacketType.Unsuback, packetId, _connection.V5, codes);
        return Answer(unsuback); // [MQTT-3.10.4-4]
    }

    /// <summary>Sends an answer that has to be sent; a client that leaves no room for it cannot be served [MQTT-3.1.2-24].</summary>
    private bool Answer(byte[] packet)
    {
        if (packet.Length > _connection.PacketBytesMax)
        {
            return Break(ReasonCode.PacketTooLarge);
        }

        lock (_session)
        {
            _answers.Send(packet, SessionJournal.Position);
        }

        return true;
    }

    private bool OnPingreq(ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty)
        {
            return Break(ReasonCode.MalformedPacket);
        }

        lock (_session)
        {
            _connection.Write(AckEncoder.Pingresp); // [MQTT-3.12.4-1]
        }

        return true;
    }

    private bool OnDisconnect(ReadOnlySpan<byte> body)
    {
        var error = AckDecoder.DecodeDisconnect(body, _connection.V5, out var reason, out var expiry, out _);
        if (error != ReasonCode.Success)
        {
            return Break(error);
        }

        if (expiry is { } seconds)
        {
            if (_connectExpirySeconds == 0 && seconds != 0)
            {
                return Break(ReasonCode.ProtocolError); // §3.14.2.2.2
            }

            _session.ExpirySeconds = Math.Min(seconds, _broker.Limits.SessionExpirySecondsMax);
        }

        if (reason == ReasonCode.Success)
        {
            _connection.TakeWill(); // [MQTT-3.14.4-3], [MQTT-3.1.2-10]
        }

        _connection.SetCause(DisconnectCause.ClientDisconnect);
        return false;
    }
}
