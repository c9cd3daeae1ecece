using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Topics;

namespace CareHub.Mqtt.Broker;

/// <summary>
/// Publishes of one client on their way in: alias, permission, handler, routing, acknowledgement. A handler that
/// answers at once costs neither a task nor a copy; one that does not makes the publish wait in an <see cref="AckQueue"/>.
/// </summary>
internal sealed class PublishIntake(BrokerCore broker, Connection connection, Session session, ClientProtocol owner, HeldAnswers answers)
{
    private MatchCache? _cache;
    private byte[]?[]? _aliases;
    private AckQueue? _waiting;

    // What Receive Maximum counts [MQTT-3.3.4-8]: QoS 1 that wait for the handler (those that wait for the store are
    // the answers' to count), QoS 2 until PUBCOMP or a refusal. Changed under the session's lock, before the answer leaves.
    private int _openQos1;
    private int _openQos2;

    // A 5.0 client knows the bound and breaks the protocol beyond it; that has to be seen, so it is read further.
    private int CountMax => connection.V5 ? broker.Limits.ReceiveMaximum * 2 : broker.Limits.ReceiveMaximum;

    /// <summary>May another publish be taken, or has the handler, or the store, to catch up first?</summary>
    public bool HasRoom() => HandlerHasRoom() && answers.Count < CountMax;

    public Task WhenRoom() => HandlerHasRoom() ? answers.WhenFewerThan(CountMax) : _waiting!.WhenRoom(HandlerHasRoom);

    public void Release()
    {
        _waiting?.Release();
        answers.Release();
    }

    /// <summary>Has the handler caught up?</summary>
    public bool HandlerHasRoom() => _waiting is not { Count: > 0 } waiting
        || (waiting.Count < CountMax && waiting.Bytes < broker.Limits.InboundPendingBytesMax);

    /// <summary>Returns false when the connection ends.</summary>
    public bool OnPublish(int flags, ReadOnlySpan<byte> body)
    {
        var error = PublishDecoder.Decode(flags, body, connection.V5, fromClient: true, out var publish);
        if (error != ReasonCode.Success)
        {
            return owner.Break(error);
        }

        error = ResolveTopic(publish, out var topic);
        if (error != ReasonCode.Success)
        {
            return owner.Break(error);
        }

        if (publish.Qos == 2 && IsRepeated(publish.PacketId))
        {
            return true;
        }

        if (publish.Qos > 0 && connection.V5 && OpenPublishes >= broker.Limits.ReceiveMaximum)
        {
            return owner.Break(ReasonCode.ReceiveMaximumExceeded); // [MQTT-3.3.4-7]
        }

        if (TopicRules.CountLevels(topic) > broker.Limits.TopicLevelsMax)
        {
            return Deny(publish, ReasonCode.TopicNameInvalid);
        }

        if (!broker.Handler.MayPublish(connection.Peer!, topic))
        {
            return Deny(publish, ReasonCode.NotAuthorized);
        }

        return Hand(publish, topic);
    }

    /// <summary>PUBREL: the identifier is free; answered whether or not it was known [MQTT-4.3.3-11].</summary>
    public bool OnPubrel(ReadOnlySpan<byte> body)
    {
        var error = AckDecoder.Decode(PacketType.Pubrel, body, connection.V5, out var packetId, out _, out _);
        if (error != ReasonCode.Success)
        {
            return owner.Break(error);
        }

        SessionJournal.Mark();
        lock (session)
        {
            var known = session.ReceivedQos2 is { } received
                && received.TryGetValue(packetId, out var pending) && pending is null && received.Remove(packetId);
            if (known)
            {
                broker.Journal.Released(session, packetId);
                _openQos2 -= _openQos2 > 0 ? 1 : 0;
            }

            // Not before the store knows: the identifier of a new message would otherwise look like the old one after a crash.
            answers.Send(PacketType.Pubcomp, packetId, known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound, SessionJournal.Position);
        }

        return true;
    }

    /// <summary>The handler has answered a publish that waited.</summary>
    public void Conclude(PendingPublish pending, in PublishVerdict verdict)
    {
        if (pending.Message.Qos == 1)
        {
            lock (session)
            {
                _openQos1--;
            }
        }

        var view = new MessageView(pending.Message);
        if (!Conclude(ref view, pending.PacketId, verdict, cache: null))
        {
            connection.Close(DisconnectCause.ServerDisconnect, ReasonCode.NotAuthorized);
        }

        pending.Follower?.AnswerFollower(pending.PacketId, verdict);
    }

    /// <summary>The handler has failed on the first of these; none is acknowledged.</summary>
    public void Fail(PendingPublish[] pending, Exception exception)
    {
        BrokerLog.HandlerFailed(broker.Logger, session.ClientId, exception);
        lock (session)
        {
            foreach (var publish in pending)
            {
                if (publish.Message.Qos == 2)
                {
                    session.ReceivedQos2?.Remove(publish.PacketId);
                }
            }
        }

        foreach (var publish in pending)
        {
            publish.Follower?.CloseFollower();
        }

        connection.Close(DisconnectCause.ServerDisconnect, ReasonCode.UnspecifiedError);
    }

    /// <summary>The answer to a publish that was repeated on this connection while it waited on a former one.</summary>
    public void Answer(ushort packetId, in PublishVerdict verdict)
    {
        lock (session)
        {
            answers.Send(PacketType.Pubrec, packetId, verdict.Reason, broker.Journal.Now, verdict.ReasonString);
        }
    }

    private int OpenPublishes => Volatile.Read(ref _openQos1) + answers.Pubacks + Volatile.Read(ref _openQos2);

    private ReasonCode ResolveTopic(in DecodedPublish publish, out ReadOnlySpan<byte> topic)
    {
        topic = publish.Topic;
        if (publish.HasAlias)
        {
            if (publish.Alias == 0 || publish.Alias > broker.Limits.TopicAliasMaximum)
            {
                return ReasonCode.TopicAliasInvalid; // [MQTT-3.3.2-8], [MQTT-3.3.2-9]
            }

            _aliases ??= new byte[]?[broker.Limits.TopicAliasMaximum];
            ref var known = ref _aliases[publish.Alias - 1];
            if (topic.IsEmpty)
            {
                topic = known;
            }
            else if (!topic.SequenceEqual(known))
            {
                known = topic.ToArray();
            }
        }

        if (topic.IsEmpty)
        {
            // No topic and no alias that stands for one; [MQTT-4.7.3-1] in 3.1.1.
            return ReasonCode.ProtocolError;
        }

        return ReasonCode.Success;
    }

    /// <summary>A QoS 2 publish whose identifier is not released yet is the same message [MQTT-4.3.3-10]: acknowledged, not taken again.</summary>
    private bool IsRepeated(ushort packetId)
    {
        lock (session)
        {
            if (session.ReceivedQos2 is not { } received || !received.TryGetValue(packetId, out var pending))
            {
                return false;
            }

            if (pending is null)
            {
                answers.Send(PacketType.Pubrec, packetId, ReasonCode.Success, broker.Journal.Now);
            }
            else
            {
                pending.Follower = owner;
            }

            return true;
        }
    }

    private bool Deny(in DecodedPublish publish, ReasonCode reason)
    {
        if (!connection.V5 || (publish.Qos == 0 && reason != ReasonCode.NotAuthorized))
        {
            return owner.Break(reason); // 3.1.1 has no other way to say no [MQTT-3.3.5-2]
        }

        if (publish.Qos == 0)
        {
            return true;
        }

        if (_waiting is { Count: > 0 })
        {
            // Behind those that wait: acknowledgements keep their order.
            var message = new StoredMessage(publish.Topic, default, default, publish.Qos, retain: false, StoredMessage.Never);
            return Wait(new PendingPublish(message, publish.PacketId), new ValueTask<PublishVerdict>(PublishVerdict.Refuse(reason)));
        }

        lock (session)
        {
            answers.Send(publish.Qos == 1 ? PacketType.Puback : PacketType.Pubrec, publish.PacketId, reason, position: 0);
        }

        return true;
    }

    private bool Hand(in DecodedPublish publish, ReadOnlySpan<byte> topic)
    {
        ValueTask<PublishVerdict> task;
        try
        {
            task = broker.Handler.PublishAsync(new InboundPublish
            {
                Peer = connection.Peer!,
                TopicUtf8 = topic,
                Payload = publish.Payload,
                Qos = publish.Qos,
                Retain = publish.Retain,
                Duplicate = publish.Duplicate,
            });
        }
        catch (Exception exception)
        {
            task = ValueTask.FromException<PublishVerdict>(exception);
        }

        var view = new MessageView(publish, topic, broker.Clock.After(publish.ExpirySeconds));
        if (task.IsCompletedSuccessfully && _waiting is not { Count: > 0 })
        {
            return Conclude(ref view, publish.PacketId, task.Result, _cache ??= new MatchCache())
                || owner.Break(ReasonCode.NotAuthorized);
        }

        return Wait(new PendingPublish(view.Store(), publish.PacketId), task);
    }

    private bool Wait(PendingPublish pending, ValueTask<PublishVerdict> task)
    {
        if (pending.Message.Qos > 0)
        {
            lock (session)
            {
                if (pending.Message.Qos == 1)
                {
                    _openQos1++;
                }
                else
                {
                    session.ReceivedQos2OrNew()[pending.PacketId] = pending;
                    _openQos2++;
                }
            }
        }

        if ((_waiting ??= new AckQueue(owner, connection.Scheduler)).Enqueue(pending, task))
        {
            return true;
        }

        lock (session)
        {
            if (session.ReceivedQos2 is { } received && received.TryGetValue(pending.PacketId, out var noted) && ReferenceEquals(noted, pending))
            {
                received.Remove(pending.PacketId); // never taken: the sender sends it again
            }
        }

        return false;
    }

    /// <summary>Routes and acknowledges. Returns false when a refusal has to close the connection.</summary>
    private bool Conclude(ref MessageView message, ushort packetId, in PublishVerdict verdict, MatchCache? cache)
    {
        var reason = verdict.Reason;
        if (reason == ReasonCode.NotAuthorized && !connection.V5)
        {
            return false;
        }

        SessionJournal.Mark();
        if (verdict.Route && broker.Router.Route(ref message, session, cache) == 0 && reason == ReasonCode.Success)
        {
            reason = ReasonCode.NoMatchingSubscribers;
        }

        if (message.Qos == 0)
        {
            return true;
        }

        lock (session)
        {
            if (message.Qos == 2)
            {
                NoteReceived(packetId, refused: reason >= ReasonCode.UnspecifiedError && connection.V5);
            }

            answers.Send(message.Qos == 1 ? PacketType.Puback : PacketType.Pubrec, packetId, reason, SessionJournal.Position, verdict.ReasonString);
        }

        return true;
    }

    /// <summary>From PUBREC to PUBREL the identifier stands for a message that was taken. A refused one is free at once (§4.3.3).</summary>
    private void NoteReceived(ushort packetId, bool refused)
    {
        if (session.IsDiscarded)
        {
            return;
        }

        var received = session.ReceivedQos2OrNew();
        var waited = received.Remove(packetId);
        if (refused)
        {
            _openQos2 -= waited ? 1 : 0;
            return;
        }

        received[packetId] = null;
        broker.Journal.Received(session, packetId);
        _openQos2 += waited ? 0 : 1;
    }
}
