using System.Collections.Concurrent;
using CareHub.Mqtt.Codec;
using CareHub.Mqtt.Packets;

namespace CareHub.Mqtt.Client;

/// <summary>What the server's packets do to a client. Runs on the reading loop.</summary>
internal sealed class ClientProtocolState(MqttClientOptions options, ClientConnection connection, MqttClient client)
{
    private readonly MqttClientSession _session = options.Session ?? new MqttClientSession();

    /// <summary>Messages of QoS 2 whose callback is not done; only the reading loop adds, whoever completes removes.</summary>
    private readonly ConcurrentDictionary<ushort, bool> _waitingQos2 = new();
    private int _connectionNumber;
    private bool _accepted;
    private volatile bool _failed;
    private bool _sent;
    private bool _pinged;
    private int _unacknowledged;
    private Task _acknowledging = Task.CompletedTask;

    public PendingOperations Pending { get; } = new();

    /// <summary>The server's DISCONNECT, once it has come.</summary>
    public MqttClosed? ServerClosed { get; private set; }

    private bool V5 => options.Version == MqttVersion.V5;

    /// <summary>Something was sent; no ping is needed for a while.</summary>
    public void NoteSent() => _sent = true;

    /// <summary>Called twice a keep-alive.</summary>
    public void KeepAlive()
    {
        // While callbacks are so far behind that nothing is read, an answer may lie there unread.
        if (_pinged && Pause().IsCompleted)
        {
            client.End(new MqttClosed(null, null, new TimeoutException("The server did not answer a ping.")));
            return;
        }

        if (!_sent)
        {
            _pinged = true;
            connection.Send(AckEncoder.Pingreq);
            FlushBatch.Current.FlushAll();
        }

        _sent = false;
    }

    /// <summary>A task to wait for before more is read: not completed when the callback is too far behind.</summary>
    public Task Pause() => Volatile.Read(ref _unacknowledged) > options.ReceiveMaximum ? _acknowledging : Task.CompletedTask;

    /// <summary>Returns false when the connection is over.</summary>
    public bool Handle(in Frame frame, ReadOnlySpan<byte> body)
    {
        _pinged = false;
        if (!_accepted)
        {
            return OnConnack(frame, body);
        }

        switch (frame.Type)
        {
            case PacketType.Publish:
                return OnPublish(frame.Flags, body);
            case PacketType.Puback:
            case PacketType.Pubrec:
            case PacketType.Pubcomp:
            case PacketType.Pubrel:
                return OnAck(frame.Type, body);
            case PacketType.Suback:
            case PacketType.Unsuback:
                return OnCodes(frame.Type, body);
            case PacketType.Pingresp:
                return true;
            case PacketType.Disconnect when V5:
                Require(AckDecoder.DecodeDisconnect(body, V5, out var reason, out _, out var reasonString));
                ServerClosed = new MqttClosed(reason, reasonString, null);
                return false;
            default:
                throw new MqttException($"The server sent an unexpected {frame.Type}.", ReasonCode.ProtocolError);
        }
    }

    private static void Require(ReasonCode error)
    {
        if (error != ReasonCode.Success)
        {
            throw new MqttException("The server sent a malformed packet.", error);
        }
    }

    private bool OnConnack(in Frame frame, ReadOnlySpan<byte> body)
    {
        if (frame.Type != PacketType.Connack)
        {
            throw new MqttException("The server's first packet is not a CONNACK.", ReasonCode.ProtocolError);
        }

        Require(ConnackDecoder.Decode(body, V5, out var connack));
        _accepted = connack.Reason == ReasonCode.Success;
        if (_accepted)
        {
            _connectionNumber = _session.Begin(connack.SessionPresent);
        }

        client.Connected(connack);
        return _accepted;
    }

    private bool OnPublish(int flags, ReadOnlySpan<byte> body)
    {
        Require(PublishDecoder.Decode(flags, body, V5, fromClient: false, out var publish));
        if (publish.Topic.IsEmpty)
        {
            throw new MqttException("The server used a topic alias that was not allowed.", ReasonCode.TopicAliasInvalid);
        }

        if (publish.Qos == 2)
        {
            if (_session.IsTaken(publish.PacketId))
            {
                Send(PacketType.Pubrec, publish.PacketId); // [MQTT-4.3.3-10]
                return true;
            }

            if (!_waitingQos2.TryAdd(publish.PacketId, true))
            {
                return true; // its PUBREC leaves when the callback is done
            }
        }

        var task = options.OnMessage?.Invoke(ClientDecoder.Message(publish)) ?? ValueTask.CompletedTask;
        if (task.IsCompletedSuccessfully && _acknowledging.IsCompleted)
        {
            Acknowledge(publish.Qos, publish.PacketId);
            return true;
        }

        Interlocked.Increment(ref _unacknowledged);
        _acknowledging = AcknowledgeAfterAsync(_acknowledging, task, publish.Qos, publish.PacketId);
        return true;
    }

    private async Task AcknowledgeAfterAsync(Task before, ValueTask task, byte qos, ushort packetId)
    {
        await before.ConfigureAwait(false);
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _failed = true;
            client.End(new MqttClosed(null, null, exception));
            return;
        }

        Interlocked.Decrement(ref _unacknowledged);
        Acknowledge(qos, packetId);
        FlushBatch.Current.FlushAll();
    }

    private void Acknowledge(byte qos, ushort packetId)
    {
        // After one that failed there is no order to keep: the server sends all of them again.
        if (qos == 0 || _failed)
        {
            return;
        }

        if (qos == 2)
        {
            _session.Take(_connectionNumber, packetId);
            _waitingQos2.TryRemove(packetId, out _);
        }

        Send(qos == 1 ? PacketType.Puback : PacketType.Pubrec, packetId);
    }

    private bool OnAck(PacketType type, ReadOnlySpan<byte> body)
    {
        Require(AckDecoder.Decode(type, body, V5, out var packetId, out var reason, out var reasonString));
        if (type == PacketType.Pubrel)
        {
            _session.Release(packetId);
            Send(PacketType.Pubcomp, packetId);
            return true;
        }

        if (type == PacketType.Pubrec && reason < ReasonCode.UnspecifiedError)
        {
            Send(PacketType.Pubrel, packetId);
            return true;
        }

        if (Pending.Remove(packetId) is PublishOperation publish)
        {
            publish.Complete(reason, reasonString);
            client.ReleaseWindow();
        }

        return true;
    }

    private bool OnCodes(PacketType type, ReadOnlySpan<byte> body)
    {
        Require(ClientDecoder.Codes(type, body, V5, out var packetId, out var codes));
        if (Pending.Find(packetId) is CodesOperation operation && operation.Answer == type)
        {
            Pending.Remove(packetId);
            operation.Complete(codes);
        }

        return true;
    }

    private void Send(PacketType type, ushort packetId)
    {
        Span<byte> ack = stackalloc byte[AckEncoder.ShortBytesMax];
        if (!connection.IsClosed)
        {
            connection.Send(ack[..AckEncoder.Write(ack, type, packetId, V5, ReasonCode.Success)]);
        }
    }
}
