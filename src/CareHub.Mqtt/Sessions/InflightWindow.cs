namespace CareHub.Mqtt.Sessions;

/// <summary>A message on its way to one subscriber.</summary>
/// <param name="Message">Shared with other subscribers.</param>
/// <param name="Qos">The lower of publish and subscription.</param>
/// <param name="Retain">RETAIN flag as the subscriber sees it.</param>
/// <param name="Ids">Subscription identifiers, or null.</param>
/// <param name="Sequence">Its key in the store; 0 when it is not kept.</param>
internal readonly record struct Delivery(StoredMessage Message, byte Qos, bool Retain, uint[]? Ids, long Sequence = 0);

internal enum InflightState : byte
{
    /// <summary>Finished; waits until all before it have finished too.</summary>
    Done,
    AwaitPuback,
    AwaitPubrec,
    AwaitPubcomp,
}

internal struct InflightEntry
{
    public Delivery Delivery;
    public InflightState State;
}

/// <summary>
/// Sent and not yet acknowledged messages of QoS 1 and 2, in order of sending. Packet identifiers are given in turn,
/// so an identifier's place in the ring is its distance from the head: no dictionary, no search, no identifier reused
/// while in use [MQTT-2.2.1-3]. A gap left by an early acknowledgement closes when those before it are acknowledged.
/// </summary>
internal sealed class InflightWindow
{
    private const int IdCount = ushort.MaxValue;

    private InflightEntry[] _ring = new InflightEntry[4];
    private int _head;
    private ushort _headId = 1;

    /// <summary>Entries, finished gaps included.</summary>
    public int Span { get; private set; }

    /// <summary>Entries before this one were sent on the present connection.</summary>
    public int Cursor { get; private set; }

    /// <summary>Sent on the present connection and not finished: what Receive Maximum counts [MQTT-3.3.4-9].</summary>
    public int Outstanding { get; private set; }

    public bool IsFull => Span == IdCount;

    /// <summary>Takes a message that is being sent now; returns its packet identifier.</summary>
    public ushort Add(in Delivery delivery)
    {
        var id = IdAt(Span);
        Append(delivery, delivery.Qos == 1 ? InflightState.AwaitPuback : InflightState.AwaitPubrec);
        Cursor++;
        Outstanding++;
        return id;
    }

    /// <summary>State of an identifier; <see cref="InflightState.Done"/> when it is not in use.</summary>
    public InflightState StateOf(ushort id) => TryOffset(id, out var offset) ? At(offset).State : InflightState.Done;

    /// <summary>Puts back an entry that was kept in the store. Called in the order of sending, before anything is added.</summary>
    public void Restore(ushort id, in Delivery delivery, bool isReceived)
    {
        if (Span == 0)
        {
            _headId = id;
        }

        // Those between were finished before.
        while (IdAt(Span) != id)
        {
            Append(default, InflightState.Done);
        }

        Append(delivery, isReceived ? InflightState.AwaitPubcomp : delivery.Qos == 1 ? InflightState.AwaitPuback : InflightState.AwaitPubrec);
    }

    /// <summary>The delivery behind an identifier in use.</summary>
    public Delivery DeliveryOf(ushort id) => TryOffset(id, out var offset) ? At(offset).Delivery : default;

    /// <summary>PUBREC arrived: the message is the receiver's now, only its identifier is kept.</summary>
    public void Received(ushort id)
    {
        if (TryOffset(id, out var offset))
        {
            ref var entry = ref At(offset);
            entry.State = InflightState.AwaitPubcomp;
            entry.Delivery = entry.Delivery with { Message = null! };
        }
    }

    /// <summary>The last acknowledgement arrived.</summary>
    public void Finish(ushort id)
    {
        if (!TryOffset(id, out var offset))
        {
            return;
        }

        FinishAt(offset);
        while (Span > 0 && _ring[_head].State == InflightState.Done)
        {
            _head = (_head + 1) & (_ring.Length - 1);
            _headId = Following(_headId);
            Span--;
            if (Cursor > 0)
            {
                Cursor--;
            }
        }
    }

    /// <summary>A new connection: everything has to be sent again [MQTT-4.4.0-1].</summary>
    public void Rewind()
    {
        Cursor = 0;
        Outstanding = 0;
    }

    /// <summary>The next entry to send again, or false when all are sent.</summary>
    public bool TryNextUnsent(out ushort id, out InflightEntry entry)
    {
        while (Cursor < Span)
        {
            entry = At(Cursor);
            if (entry.State != InflightState.Done)
            {
                id = IdAt(Cursor);
                return true;
            }

            Cursor++;
        }

        id = 0;
        entry = default;
        return false;
    }

    /// <summary>The entry of <see cref="TryNextUnsent"/> has been sent.</summary>
    public void MarkSent()
    {
        Cursor++;
        Outstanding++;
    }

    /// <summary>The entry of <see cref="TryNextUnsent"/> cannot be sent to this client at all.</summary>
    public void SkipUnsent() => Finish(IdAt(Cursor));

    private static ushort Following(ushort id) => id == IdCount ? (ushort)1 : (ushort)(id + 1);

    private void Append(in Delivery delivery, InflightState state)
    {
        if (Span == _ring.Length)
        {
            Grow();
        }

        ref var entry = ref _ring[(_head + Span) & (_ring.Length - 1)];
        entry.Delivery = delivery;
        entry.State = state;
        Span++;
    }

    private void FinishAt(int offset)
    {
        ref var entry = ref At(offset);
        if (entry.State == InflightState.Done)
        {
            return;
        }

        entry.State = InflightState.Done;
        entry.Delivery = default;
        if (offset < Cursor)
        {
            Outstanding--;
        }
    }

    private ref InflightEntry At(int offset) => ref _ring[(_head + offset) & (_ring.Length - 1)];

    private ushort IdAt(int offset) => (ushort)(((_headId - 1 + offset) % IdCount) + 1);

    private bool TryOffset(ushort id, out int offset)
    {
        offset = (id - _headId + IdCount) % IdCount;
        return id != 0 && offset < Span;
    }

    private void Grow()
    {
        var larger = new InflightEntry[_ring.Length * 2];
        for (var i = 0; i < Span; i++)
        {
            larger[i] = At(i);
        }

        _ring = larger;
        _head = 0;
    }
}
