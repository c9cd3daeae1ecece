using CareHub.Mqtt.Sessions;
using CareHub.Mqtt.Transport;

namespace CareHub.Mqtt.Broker;

/// <summary>A publish whose handler has not answered yet, or that waits behind such a one.</summary>
internal sealed class PendingPublish(StoredMessage message, ushort packetId)
{
    public StoredMessage Message { get; } = message;

    /// <summary>0 for QoS 0.</summary>
    public ushort PacketId { get; } = packetId;

    public ValueTask<PublishVerdict> Task { get; set; }

    /// <summary>The same QoS 2 publish, sent again on a later connection, waits for the same answer.</summary>
    public ClientProtocol? Follower { get; set; }
}

/// <summary>
/// Publishes of one connection in order of arrival. Each is concluded (routed, acknowledged) when its handler and all
/// before it have answered [MQTT-4.6.0-2], [MQTT-4.6.0-3]; by one thread at a time.
/// </summary>
/// <remarks>Only the first one's answer is waited for: those behind it can do nothing before.</remarks>
internal sealed class AckQueue : IThreadPoolWorkItem
{
    /// <summary>Concluded in one turn: a connection with thousands of answers at once is not to hold up the others.</summary>
    private const int TurnMax = 256;

    private readonly ClientProtocol _owner;
    private readonly IWorkScheduler _scheduler;
    private readonly Action _answered;
    private readonly Queue<PendingPublish> _queue = new();
    private PendingPublish? _awaited;
    private bool _draining;
    private bool _again;
    private volatile bool _failed;
    private int _scheduled;
    private int _count;
    private Room? _room;

    public AckQueue(ClientProtocol owner, IWorkScheduler scheduler)
    {
        (_owner, _scheduler) = (owner, scheduler);
        _answered = Schedule;
    }

    /// <summary>Not yet concluded.</summary>
    public int Count => Volatile.Read(ref _count);

    public long Bytes { get; private set; }

    /// <summary>Takes a publish; false when one before it, or this one, has failed and the connection ends.</summary>
    public bool Enqueue(PendingPublish pending, ValueTask<PublishVerdict> task)
    {
        pending.Task = task;
        bool isFirst;
        lock (_queue)
        {
            if (_failed)
            {
                return false;
            }

            _queue.Enqueue(pending);
            _count++;
            Bytes += pending.Message.Bytes;
            isFirst = _queue.Count == 1;
        }

        if (isFirst)
        {
            Drain();
        }

        return !_failed;
    }

    /// <summary>Completes when there is room again.</summary>
    public Task WhenRoom(Func<bool> hasRoom)
    {
        lock (_queue)
        {
            if (_failed || hasRoom())
            {
                return Task.CompletedTask;
            }

            _room ??= new Room();
            return _room.Task;
        }
    }

    public void Execute()
    {
        Volatile.Write(ref _scheduled, 0);
        Drain();
        Codec.FlushBatch.Current.FlushAll();
    }

    /// <summary>Wakes the reading side, whatever the room: the connection is ending.</summary>
    public void Release()
    {
        Room? room;
        lock (_queue)
        {
            room = _room;
            _room = null;
        }

        ReadOn(room);
    }

    private void ReadOn(Room? room)
    {
        if (room is not null)
        {
            _scheduler.Post(room);
        }
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            _scheduler.Post(this);
        }
    }

    private void Drain()
    {
        lock (_queue)
        {
            if (_draining)
            {
                // Whoever drains looks again before it stops.
                _again = true;
                return;
            }

            _draining = true;
        }

        for (var concluded = 0; concluded < TurnMax; concluded++)
        {
            if (Next() is not { } head)
            {
                return;
            }

            Conclude(head);
        }

        lock (_queue)
        {
            _draining = false;
        }

        Schedule();
    }

    /// <summary>The first one, taken from the queue, when it is answered; null when draining has ended for now.</summary>
    private PendingPublish? Next()
    {
        while (true)
        {
            PendingPublish head;
            lock (_queue)
            {
                _again = false;
                if (_failed || !_queue.TryPeek(out head!))
                {
                    _draining = false;
                    return null;
                }

                if (head.Task.IsCompleted)
                {
                    _awaited = null;
                    return _queue.Dequeue();
                }
            }

            if (!ReferenceEquals(_awaited, head))
            {
                _awaited = head;
                head.Task.GetAwaiter().UnsafeOnCompleted(_answered);
            }

            lock (_queue)
            {
                if (!_again)
                {
                    _draining = false;
                    return null;
                }
            }
        }
    }

    private void Conclude(PendingPublish head)
    {
        PublishVerdict verdict;
        try
        {
            verdict = head.Task.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            Fail(head, exception);
            return;
        }

        _owner.Conclude(head, verdict);
        Room? room = null;
        lock (_queue)
        {
            _count--;
            Bytes -= head.Message.Bytes;
            if (_room is not null && _owner.HandlerHasRoom())
            {
                room = _room;
                _room = null;
            }
        }

        ReadOn(room);
    }

    /// <summary>Neither this publish nor any behind it is acknowledged or routed: the sender has them all and sends them again.</summary>
    private void Fail(PendingPublish head, Exception exception)
    {
        PendingPublish[] behind;
        lock (_queue)
        {
            _failed = true;
            behind = [head, .. _queue];
            _queue.Clear();
        }

        _owner.Fail(behind, exception);
        Release();
    }

    /// <summary>There is room: the reading side goes on where it is run.</summary>
    private sealed class Room : TaskCompletionSource, IThreadPoolWorkItem
    {
        public void Execute() => TrySetResult();
    }
}
