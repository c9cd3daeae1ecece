using CareHub.Mqtt.Packets;
using CareHub.Mqtt.Sessions;

namespace CareHub.Mqtt.Broker;

/// <summary>
/// Answers that promise something: PUBACK and PUBREC that a message is kept, PUBCOMP and PUBREL that an identifier is
/// free, SUBACK that a subscription stands. Each leaves when the session store has what it promises, and in the order
/// of the requests [MQTT-4.6.0-2], [MQTT-4.6.0-3], [MQTT-4.6.0-4]; without a store, or when nothing had to be kept, at
/// once. All members are called under the session's lock unless they say otherwise.
/// </summary>
internal sealed class HeldAnswers(Connection connection, Session session, SessionJournal journal)
{
    private Queue<Held>? _queue;
    private bool _isWatching;
    private bool _isReleased;
    private int _count;
    private int _pubacks;
    private TaskCompletionSource? _room;

    /// <summary>Answers that wait. Read without the lock.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>PUBACKs that wait: their publishes still count for Receive Maximum. Read without the lock.</summary>
    public int Pubacks => Volatile.Read(ref _pubacks);

    /// <summary>Sends an acknowledgement when the change at the position is kept; 0 promises nothing.</summary>
    public void Send(PacketType type, ushort packetId, ReasonCode reason, long position, string? reasonString = null) =>
        Send(new Held(position, type, packetId, reason, reasonString, Packet: null));

    /// <summary>The same for a packet that is encoded already.</summary>
    public void Send(byte[] packet, long position) => Send(new Held(position, PacketType.Reserved, 0, ReasonCode.Success, null, packet));

    /// <summary>Completes when fewer than so many wait, or the connection ends. Takes the lock itself.</summary>
    public Task WhenFewerThan(int count)
    {
        lock (session)
        {
            if (_count < count || _isReleased)
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Wakes the reading side: the connection is ending. Takes the lock itself.</summary>
    public void Release()
    {
        TaskCompletionSource? room;
        lock (session)
        {
            _isReleased = true;
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
    }

    private void Send(in Held held)
    {
        if (_count == 0 && journal.IsDurable(held.Position))
        {
            Write(held);
            return;
        }

        (_queue ??= new Queue<Held>()).Enqueue(held);
        Track(held, +1);
        if (!_isWatching)
        {
            Watch();
        }
    }

    private void Watch()
    {
        _isWatching = true;
        journal.WhenDurable(_queue!.Peek().Position).GetAwaiter().UnsafeOnCompleted(Advance);
    }

    /// <summary>The store has kept more.</summary>
    private void Advance()
    {
        TaskCompletionSource? room;
        lock (session)
        {
            while (_queue!.TryPeek(out var held) && journal.IsDurable(held.Position))
            {
                _queue.Dequeue();
                Track(held, -1);
                Write(held);
            }

            _isWatching = false;
            if (_count > 0)
            {
                Watch();
            }
            else
            {
                _queue = null; // idle connections hold none
            }

            (room, _room) = (_room, null);
        }

        Codec.FlushBatch.Current.FlushAll();
        room?.TrySetResult();
    }

    private void Track(in Held held, int by)
    {
        _count += by;
        _pubacks += held.Type == PacketType.Puback ? by : 0;
    }

    /// <summary>A client that has moved to another connection gets its answers there, by sending again.</summary>
    private void Write(in Held held)
    {
        if (!ReferenceEquals(session.Connection, connection) || connection.IsClosed)
        {
            return;
        }

        if (held.Packet is { } packet)
        {
            connection.Write(packet);
        }
        else
        {
            connection.WriteAck(held.Type, held.PacketId, held.Reason, held.ReasonString);
        }
    }

    private readonly record struct Held(long Position, PacketType Type, ushort PacketId, ReasonCode Reason, string? ReasonString, byte[]? Packet);
}
