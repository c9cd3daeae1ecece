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

    /// <summary>The handler has answered; written before the queue is asked to drain.</summary>
    public volatile bool IsDone;

    /// <summary>The same QoS 2 publish, sent again on a later connection, waits for the same answer.</summary>
    public ClientProtocol? Follower { get; set; }
}

/// <summary>
/// Publishes of one connection in order of arrival. Each is concluded (routed, acknowledged) when its handler and all
/// before it have answered [MQTT-4.6.0-2], [MQTT-4.6.0-3]; by one thread at a time.
/// </summary>
internal sealed class AckQueue(ClientProtocol owner, IWorkScheduler scheduler) : IThreadPoolWorkItem
{
    /// <summary>Concluded in one turn: a connection with thousands of answers at once is not to hold up the others.</summary>
    private const int TurnMax = 256;

    private readonly Queue<PendingPublish> _queue = new();
    private bool _draining;
    private volatile bool _failed;
    private int _scheduled;
    private int _count;
    private Room? _room;

    /// <summary>Not yet concluded.</summary>
    public int Count => Volatile.Read(ref _count);

    public long Bytes { get; private set; }

    /// <summary>Takes a publish; false when one before it, or this one, has failed and the connection ends.</summary>
    public bool Enqueue(PendingPublish pending, ValueTask<PublishVerdict> task)
    {
        pending.Task = task;
        lock (_queue)
        {
            if (_failed)
            {
                return false;
            }

            _queue.Enqueue(pending);
            _count++;
            Bytes += pending.Message.Bytes;
        }

        var awaiter = task.GetAwaiter();
        if (awaiter.IsCompleted)
        {
            pending.IsDone = true;
            Drain();
        }
        else
        {
            awaiter.UnsafeOnCompleted(() =>
            {
                // The handler's thread only marks the answer; one work item concludes all that came meanwhile.
                pending.IsDone = true;
                Schedule();
            });
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
            scheduler.Post(room);
        }
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            scheduler.Post(this);
        }
    }

    private void Drain()
    {
        lock (_queue)
        {
            if (_draining)
            {
                // Whoever drains looks again before it stops, but may have looked at this entry too early.
                if (_queue.TryPeek(out var waiting) && waiting.IsDone)
                {
                    Schedule();
                }

                return;
            }

            _draining = true;
        }

        for (var concluded = 0; concluded < TurnMax; concluded++)
        {
            PendingPublish head;
            lock (_queue)
            {
                if (_failed || !_queue.TryPeek(out head!) || !head.IsDone)
                {
                    _draining = false;
                    return;
                }

                _queue.Dequeue();
            }

            Conclude(head);
        }

        lock (_queue)
        {
            _draining = false;
        }

        Schedule();
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

        owner.Conclude(head, verdict);
        Room? room = null;
        lock (_queue)
        {
            _count--;
            Bytes -= head.Message.Bytes;
            if (_room is not null && owner.HandlerHasRoom())
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

        owner.Fail(behind, exception);
        Release();
    }

    /// <summary>There is room: the reading side goes on where it is run.</summary>
    private sealed class Room : TaskCompletionSource, IThreadPoolWorkItem
    {
        public void Execute() => TrySetResult();
    }
}
