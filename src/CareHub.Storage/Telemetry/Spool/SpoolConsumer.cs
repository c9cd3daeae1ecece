using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// Somebody who takes readings from the spool in their order and confirms them when they are safe elsewhere. What nobody
/// needs any more is deleted. Reading is for one thread at a time.
/// </summary>
internal sealed class SpoolConsumer : IDisposable
{
    private readonly ReadingSpool _spool;
    private readonly LaneReader _vital;
    private readonly LaneReader _low;
    private readonly Lock _lock = new();
    private SpoolPosition _confirmed;
    private long _oldestMs;
    private long _followingMs;
    private long _shed;
    private TaskCompletionSource? _bell;
    private long _bellAt;

    public SpoolConsumer(ReadingSpool spool, LaneLog vital, LaneLog low, SpoolPosition position, ILogger logger)
    {
        _spool = spool;
        _confirmed = position;
        _vital = new LaneReader(vital, position.Vital, logger);
        _low = new LaneReader(low, position.Low, logger);
    }

    public SpoolPosition Confirmed
    {
        get
        {
            lock (_lock)
                return _confirmed;
        }
    }

    /// <summary>Readings that are in the spool and not confirmed.</summary>
    public long Waiting => _spool.End.Ahead(Confirmed);

    /// <summary>Readings that the quota took before they were confirmed, since the start.</summary>
    public long Shed => Volatile.Read(ref _shed);

    /// <summary>Unix time of receipt of the oldest reading that is not confirmed, as of the newest look into the spool; 0 when none was there.</summary>
    public long OldestMs => Volatile.Read(ref _oldestMs);

    /// <summary>Adds what comes next, vital readings first, at most so many; returns the position to confirm it with.</summary>
    public SpoolPosition Read(List<SpoolReading> into, int max)
    {
        var first = into.Count;
        var (vitalBefore, lowBefore) = (_vital.Position, _low.Position);
        try
        {
            var vital = _vital.Read(into, max);
            var low = _low.Read(into, max - vital);
            // What stands behind all vital readings has waited too.
            NoteOldest(into, first, vital, low, low == 0 && vital > 0 ? _low.NextReceivedMs() : null);
        }
        catch
        {
            // What one lane has handed out already must not be left out when it is tried again.
            _vital.Seek(vitalBefore);
            _low.Seek(lowBefore);
            throw;
        }

        return new SpoolPosition(_vital.Position, _low.Position);
    }

    public void Confirm(in SpoolPosition position)
    {
        // The quota may have gone further meanwhile.
        lock (_lock)
            _confirmed = new SpoolPosition(Math.Max(_confirmed.Vital, position.Vital), Math.Max(_confirmed.Low, position.Low));
        Volatile.Write(ref _oldestMs, _followingMs);
        _followingMs = 0;
        _spool.Release();
    }

    /// <summary>Completes when so many readings wait to be confirmed.</summary>
    public Task WhenWaiting(long readings)
    {
        lock (_lock)
        {
            _bellAt = readings;
            if (_spool.End.Ahead(_confirmed) >= readings)
                return Task.CompletedTask;
            _bell ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _bell.Task;
        }
    }

    /// <summary>Two batches at most are under way: one that waits for its confirmation, and the one behind it.</summary>
    private void NoteOldest(List<SpoolReading> taken, int first, int vital, int low, long? behind)
    {
        if (vital + low == 0)
            return;
        var oldest = taken[first].ReceivedMs;
        if (vital > 0 && low > 0)
            oldest = Math.Min(oldest, taken[first + vital].ReceivedMs);
        else if (behind is { } waits)
            oldest = Math.Min(oldest, waits);
        if (_oldestMs == 0)
            Volatile.Write(ref _oldestMs, oldest);
        else if (_followingMs == 0)
            _followingMs = oldest;
    }

    public void Dispose()
    {
        _vital.Dispose();
        _low.Dispose();
    }

    /// <summary>The spool has grown.</summary>
    internal void Ring(in SpoolPosition end)
    {
        TaskCompletionSource? bell;
        lock (_lock)
        {
            if (_bell is null || end.Ahead(_confirmed) < _bellAt)
                return;
            (bell, _bell) = (_bell, null);
        }

        bell.SetResult();
    }

    /// <summary>The quota has taken a segment: nothing up to its end waits any more. Returns how many of its readings had not been confirmed.</summary>
    internal long Lose(Segment segment)
    {
        lock (_lock)
        {
            var lost = Math.Max(0, segment.LastSequence - Math.Max(segment.FirstSequence - 1, _confirmed.Of(segment.Lane)));
            _confirmed = segment.Lane == SpoolLane.Vital
                ? _confirmed with { Vital = Math.Max(_confirmed.Vital, segment.LastSequence) }
                : _confirmed with { Low = Math.Max(_confirmed.Low, segment.LastSequence) };
            Interlocked.Add(ref _shed, lost);
            return lost;
        }
    }
}
