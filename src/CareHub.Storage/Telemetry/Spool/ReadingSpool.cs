using CareHub.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// The durable point between a reading's acknowledgement and the stores: an append-only log in files of its own, with a
/// thread of its own, so that nothing about an alarm ever waits for it. Consumers follow behind, each at its own pace.
/// </summary>
/// <remarks>
/// Group commit: what has gathered while the last group was on its way to the disk becomes the next. A group is written,
/// put on disk, and only then are its callers told. When that fails, all of them are told so, and the log goes on in a new
/// file: a disk that has room again needs nobody's help.
/// </remarks>
internal sealed class ReadingSpool : IAsyncDisposable
{
    public const string FolderName = "spool";

    private readonly LaneLog _vital;
    private readonly LaneLog _low;
    private readonly TelemetryLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SpoolConsumer[] _consumers = [];
    private SpoolGroup _open = new();
    private SpoolGroup _spare = new();
    private bool _closed;
    private volatile bool _failing;
    private long _shed;
    private long _lastShedMs;
    private long _refused;
    private long _committed;
    private long _commits;
    private long _failedCommits;

    private ReadingSpool(LaneLog vital, LaneLog low, SeriesBook book, TelemetryLimits limits, TimeProvider time, ILogger logger)
    {
        (_vital, _low, Book, _limits, _time, _logger) = (vital, low, book, limits, time, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "spool" };
        _thread.Start();
    }

    public SeriesBook Book { get; }

    /// <summary>Numbers of the last readings on disk.</summary>
    public SpoolPosition End => new(_vital.LastSequence, _low.LastSequence);

    public long Bytes => _vital.Bytes + _low.Bytes;

    /// <summary>Readings that wait for the next commit.</summary>
    public int Queued => Volatile.Read(ref _open).Count;

    /// <summary>Readings without a promise that were shed because too many waited.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <param name="notApplied">What its caller knows: readings that are not in telemetry.db yet.</param>
    public SpoolState State(long notApplied) => new(
        Bytes, _limits.SpoolBytesMax, Queued, Volatile.Read(ref _committed), Volatile.Read(ref _commits), Volatile.Read(ref _failedCommits), _failing,
        Refused, Volatile.Read(ref _shed), Volatile.Read(ref _lastShedMs) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null, notApplied);

    /// <param name="directory">The data directory; the spool is a folder in it.</param>
    /// <param name="reached">The furthest that any consumer has come.</param>
    /// <param name="book">Finds series.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="time">Clock of receipts.</param>
    /// <param name="logger">Where log lines go.</param>
    /// <param name="disk">The disk itself when null.</param>
    public static ReadingSpool Open(string directory, SpoolPosition reached, SeriesBook book, TelemetryLimits limits, TimeProvider time, ILogger logger, SegmentDisk? disk = null)
    {
        var folder = Path.Combine(directory, FolderName);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DirectorySync.Flush(directory);
        }

        var segmentBytes = Math.Min(limits.SpoolSegmentBytesMax, Math.Max(4_096, limits.SpoolBytesMax / 8));
        return new ReadingSpool(
            LaneLog.Open(folder, SpoolLane.Vital, segmentBytes, reached.Vital, disk ?? new SegmentDisk(), logger),
            LaneLog.Open(folder, SpoolLane.Low, segmentBytes, reached.Low, disk ?? new SegmentDisk(), logger),
            book, limits, time, logger);
    }

    /// <summary>Somebody who follows from a position on; to be added before the first reading is.</summary>
    public SpoolConsumer Follow(SpoolPosition position)
    {
        var consumer = new SpoolConsumer(this, _vital, _low, position, _logger);
        lock (_gate)
            _consumers = [.. _consumers, consumer];
        return consumer;
    }

    /// <summary>
    /// Completes when the readings are on disk; waits while too many wait. Cancellation counts only while waiting for room.
    /// The continuation runs on the spool's own thread and must be short.
    /// </summary>
    /// <param name="readings">Each is keepable.</param>
    /// <param name="device">
    /// Whose readings they are; different values with the same time are kept apart then. Null: of any device, with the times
    /// as given, and the last one counts.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    public Task KeepAsync(IReadOnlyList<Reading> readings, DeviceSeries? device, CancellationToken cancellationToken)
    {
        if (readings.Count == 0)
            return Task.CompletedTask;
        lock (_gate)
        {
            if (!_open.IsFull(readings.Count, _limits.SpoolQueuedReadingsMax))
                return Add(readings, device).Kept;
        }

        return KeepWhenRoomAsync(readings, device, cancellationToken);
    }

    /// <summary>Takes readings that made no promise; false when too many wait.</summary>
    public bool TryAccept(IReadOnlyList<Reading> readings, DeviceSeries? device)
    {
        lock (_gate)
        {
            if (!_closed && !_open.IsFull(readings.Count, _limits.SpoolQueuedReadingsMax))
            {
                Add(readings, device);
                return true;
            }

            _refused += readings.Count;
            return false;
        }
    }

    /// <summary>Takes nothing more, and commits what it has.</summary>
    public async Task StopAsync()
    {
        lock (_gate)
            _closed = true;
        _wake.Set();
        await _ended.Task;
    }

    /// <summary>To be called when consumers have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var consumer in _consumers)
            consumer.Dispose();
        _vital.Dispose();
        _low.Dispose();
        _wake.Dispose();
    }

    /// <summary>Deletes what every consumer has confirmed.</summary>
    internal void Release()
    {
        var consumers = Volatile.Read(ref _consumers);
        if (consumers.Length == 0)
            return;
        var (vital, low) = (long.MaxValue, long.MaxValue);
        foreach (var consumer in consumers)
        {
            var confirmed = consumer.Confirmed;
            (vital, low) = (Math.Min(vital, confirmed.Vital), Math.Min(low, confirmed.Low));
        }

        _vital.Release(vital);
        _low.Release(low);
    }

    private async Task KeepWhenRoomAsync(IReadOnlyList<Reading> readings, DeviceSeries? device, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? kept = null, room = null;
            lock (_gate)
            {
                if (_open.IsFull(readings.Count, _limits.SpoolQueuedReadingsMax))
                    room = _open.Room;
                else
                    kept = Add(readings, device).Kept;
            }

            if (kept is not null)
            {
                await kept;
                return;
            }

            await room!.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Under the lock.</summary>
    private SpoolGroup Add(IReadOnlyList<Reading> readings, DeviceSeries? device)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_open.Count == 0)
        {
            // A group gathers for a millisecond or two: one look at the clock is good for all of it.
            _open.ReceivedMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
            _wake.Set();
        }

        for (var i = 0; i < readings.Count; i++)
        {
            var reading = readings[i];
            _open.Add(device?.Distinct(reading, _open.ReceivedMs)
                ?? new SpoolReading(Book.Of(reading.DeviceId).Find(reading.Name), Embedded.UnixTicks.From(reading.At), reading.Value, _open.ReceivedMs));
        }

        return _open;
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            SpoolGroup group;
            while ((group = Take()).Count > 0)
            {
                Commit(group);
                group.Reset();
                _spare = group;
                // Under load a group gathers a little longer: the disk is asked less often, and an answer takes a millisecond more.
                if (_failing)
                    Thread.Sleep(_limits.SpoolRetry);
                else if (group.LastCount >= _limits.SpoolLingerReadings)
                    Thread.Sleep(_limits.SpoolLinger);
            }

            lock (_gate)
            {
                if (!_closed || _open.Count > 0)
                    continue;
            }

            _ended.SetResult();
            return;
        }
    }

    private SpoolGroup Take()
    {
        SpoolGroup group;
        lock (_gate)
        {
            if (_open.Count == 0)
                return _open;
            group = _open;
            Volatile.Write(ref _open, _spare);
        }

        group.MakeRoom();
        return group;
    }

    private void Commit(SpoolGroup group)
    {
        try
        {
            group.WriteTo(_vital, _low);
        }
        catch (Exception error)
        {
            // Both: a lane that was written and not synced must not go on as if it had been.
            _vital.Abandon();
            _low.Abandon();
            if (!_failing)
                TelemetryLog.SpoolFailed(_logger, error);
            _failing = true;
            _failedCommits++;
            group.Fail(error);
            return;
        }

        if (_failing)
            TelemetryLog.SpoolRecovered(_logger);
        _failing = false;
        _commits++;
        Volatile.Write(ref _committed, _committed + group.Count);
        group.Complete();
        KeepQuota();
        var end = End;
        foreach (var consumer in Volatile.Read(ref _consumers))
            consumer.Ring(end);
    }

    private void KeepQuota()
    {
        while (Bytes > _limits.SpoolBytesMax)
        {
            // What little the low lane has just begun to gather is worth less than the files it would cost to keep it empty.
            var lane = _low.Bytes > Math.Min(_limits.SpoolSegmentBytesMax, _limits.SpoolBytesMax / 8) / 4 ? _low : _vital;
            if (lane.DropOldest() is not { } segment)
                return;
            var lost = 0L;
            foreach (var consumer in Volatile.Read(ref _consumers))
                lost = Math.Max(lost, consumer.Lose(segment));
            if (lost == 0)
                continue;
            Interlocked.Add(ref _shed, lost);
            Volatile.Write(ref _lastShedMs, _time.GetUtcNow().ToUnixTimeMilliseconds());
            TelemetryLog.ReadingsShed(_logger, lost, segment.Lane, _limits.SpoolBytesMax >> 20);
        }
    }
}
