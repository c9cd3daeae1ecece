using System.Runtime.InteropServices;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>Readings that go to disk together, and the tasks of those who wait for it.</summary>
internal sealed class SpoolGroup
{
    private readonly List<SpoolReading> _vital = [];
    private readonly List<SpoolReading> _low = [];
    private TaskCompletionSource? _kept;
    private TaskCompletionSource? _room;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>How many there were before the reset.</summary>
    public int LastCount { get; private set; }

    /// <summary>When its first reading came, in Unix time.</summary>
    public long ReceivedMs { get; set; }

    /// <summary>Completes, or fails, with the group: on the committing thread.</summary>
    public Task Kept => (_kept ??= new TaskCompletionSource()).Task;

    /// <summary>Completes when the next group has begun.</summary>
    public Task Room => (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Whether more would be too many; a single large batch is always taken.</summary>
    public bool IsFull(int more, int max) => _count > 0 && _count + more > max;

    public void Add(in SpoolReading reading)
    {
        (reading.Series.Lane == SpoolLane.Vital ? _vital : _low).Add(reading);
        Volatile.Write(ref _count, _count + 1);
    }

    public void MakeRoom() => _room?.SetResult();

    public void Complete() => _kept?.SetResult();

    public void Fail(Exception error) => _kept?.SetException(error);

    /// <summary>Puts the readings on disk, each in its lane.</summary>
    public void WriteTo(LaneLog vital, LaneLog low)
    {
        if (_vital.Count > 0)
            vital.Write(CollectionsMarshal.AsSpan(_vital));
        if (_low.Count > 0)
            low.Write(CollectionsMarshal.AsSpan(_low));
        if (_vital.Count > 0)
            vital.Sync();
        if (_low.Count > 0)
            low.Sync();
    }

    public void Reset()
    {
        LastCount = _count;
        _vital.Clear();
        _low.Clear();
        (_kept, _room) = (null, null);
        Volatile.Write(ref _count, 0);
    }
}
