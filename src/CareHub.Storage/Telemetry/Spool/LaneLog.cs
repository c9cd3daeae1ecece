using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// One lane of the spool: numbered readings in segments. One thread writes; any number of readers read what is on disk.
/// </summary>
internal sealed class LaneLog : IDisposable
{
    /// <summary>Over all logs of the process: a series may be written by one and then by another, and must be written down in each.</summary>
    private static int s_segmentNumber;

    private readonly string _directory;
    private readonly long _segmentBytesMax;
    private readonly SegmentDisk _disk;
    private readonly Lock _lock = new();
    private readonly List<Segment> _segments;
    private readonly ByteBuffer _buffer = new();
    private SafeFileHandle? _file;
    private Segment? _active;
    private int _segmentNumber;
    private long _lastSequence;
    private long _bytes;
    private (long Bytes, long LastSequence) _unsynced;

    private LaneLog(string directory, SpoolLane lane, long segmentBytesMax, SegmentDisk disk, List<Segment> segments, long lastSequence)
    {
        _directory = directory;
        _disk = disk;
        Lane = lane;
        _segmentBytesMax = segmentBytesMax;
        _segments = segments;
        _lastSequence = lastSequence;
        _bytes = segments.Sum(segment => segment.Bytes);
    }

    public SpoolLane Lane { get; }

    /// <summary>Number of the last reading that is on disk.</summary>
    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <param name="directory">Exists.</param>
    /// <param name="lane">Which lane.</param>
    /// <param name="segmentBytesMax">Size from which on a segment is followed by the next.</param>
    /// <param name="notBefore">
    /// A position that somebody has reached: numbers start behind it, also when the files are gone, or else that somebody
    /// would take new readings for old ones.
    /// </param>
    /// <param name="disk">Writes and syncs.</param>
    /// <param name="logger">Where damage is said.</param>
    public static LaneLog Open(string directory, SpoolLane lane, long segmentBytesMax, long notBefore, SegmentDisk disk, ILogger logger)
    {
        var segments = Segment.List(directory, lane);
        // All but the newest were on disk as a whole before the next was begun; what is behind their end is never read.
        for (var i = 0; i < segments.Count - 1; i++)
            segments[i].Grow(new FileInfo(segments[i].Path).Length, segments[i + 1].FirstSequence - 1);
        if (segments.Count > 0)
        {
            var newest = segments[^1];
            var cut = SegmentScan.Repair(newest);
            if (cut > 0)
                TelemetryLog.SpoolTailCut(logger, Path.GetFileName(newest.Path), cut);
            if (newest.LastSequence < newest.FirstSequence)
            {
                File.Delete(newest.Path);
                segments.RemoveAt(segments.Count - 1);
            }
        }

        var last = Math.Max(notBefore, segments.Count > 0 ? segments[^1].LastSequence : 0);
        return new LaneLog(directory, lane, segmentBytesMax, disk, segments, last);
    }

    /// <summary>Writes readings behind the others. They are on disk, and seen by readers, after <see cref="Sync"/>.</summary>
    public void Write(ReadOnlySpan<SpoolReading> readings)
    {
        if (_active is null || _active.Bytes >= _segmentBytesMax)
            Roll();
        _buffer.Clear();
        FrameCodec.Encode(readings, _lastSequence + 1, _segmentNumber, _buffer);
        _disk.Write(_file!, _buffer.Memory.Span, _active!.Bytes);
        _unsynced = (_active.Bytes + _buffer.Count, _lastSequence + readings.Length);
    }

    public void Sync()
    {
        _disk.Sync(_file!);
        Interlocked.Add(ref _bytes, _unsynced.Bytes - _active!.Bytes);
        _active.Grow(_unsynced.Bytes, _unsynced.LastSequence);
        Volatile.Write(ref _lastSequence, _unsynced.LastSequence);
    }

    /// <summary>
    /// After a failed write or sync: what the file holds behind the last success is unknown, and a sync that is tried again
    /// may succeed without having written. So the rest is cut off and the next write goes into a new file.
    /// </summary>
    public void Abandon()
    {
        var file = _file;
        Segment? segment;
        lock (_lock)
        {
            segment = _active;
            (_file, _active) = (null, null);
            if (segment is not null && segment.LastSequence < segment.FirstSequence)
                Remove(segment);
        }

        if (file is null || segment is null)
            return;
        try
        {
            RandomAccess.SetLength(file, segment.Bytes);
            file.Dispose();
            if (segment.LastSequence < segment.FirstSequence)
                File.Delete(segment.Path);
        }
        catch (IOException)
        {
            // Never read all the same: readers end at the length that is known to be good, and after a restart at the
            // number with which the next segment begins.
            file.Dispose();
        }
    }

    /// <summary>The segment that holds a reading, else the first one behind it; null when there is none yet.</summary>
    public Segment? SegmentFor(long sequence)
    {
        lock (_lock)
            return _segments.Find(segment => segment.LastSequence >= sequence);
    }

    /// <summary>Deletes the segments in which every reading is at or before the position.</summary>
    public void Release(long position)
    {
        while (true)
        {
            Segment oldest;
            lock (_lock)
            {
                // The newest is left to grow: a file for every few readings would cost more than it holds.
                if (_segments.Count == 0 || _segments[0].LastSequence > position || ReferenceEquals(_segments[0], _active))
                    return;
                oldest = _segments[0];
                Remove(oldest);
            }

            Delete(oldest);
        }
    }

    /// <summary>Deletes the oldest segment, on the writing thread; null when there is none.</summary>
    public Segment? DropOldest()
    {
        Segment oldest;
        lock (_lock)
        {
            if (_segments.Count == 0)
                return null;
            oldest = _segments[0];
            Remove(oldest);
            if (ReferenceEquals(oldest, _active))
            {
                _file!.Dispose();
                (_file, _active) = (null, null);
            }
        }

        Delete(oldest);
        return oldest;
    }

    public void Dispose()
    {
        _file?.Dispose();
        (_file, _active) = (null, null);
    }

    /// <summary>A file that cannot be deleted is deleted after the next start: nobody needs it then either.</summary>
    private static void Delete(Segment segment)
    {
        try
        {
            File.Delete(segment.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It only takes room.
        }
    }

    private void Remove(Segment segment)
    {
        segment.IsGone = true;
        if (_segments.Remove(segment))
            Interlocked.Add(ref _bytes, -segment.Bytes);
    }

    private void Roll()
    {
        _file?.Dispose();
        _file = null;
        var segment = new Segment(Segment.PathOf(_directory, Lane, _lastSequence + 1), Lane, _lastSequence + 1);
        // Overwriting is right: a file of this name holds nothing that was ever acknowledged.
        var file = File.OpenHandle(segment.Path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            Span<byte> header = stackalloc byte[Segment.HeaderBytes];
            segment.WriteHeader(header);
            _disk.Write(file, header, 0);
            DirectorySync.Flush(_directory);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _segmentNumber = Interlocked.Increment(ref s_segmentNumber);
        lock (_lock)
        {
            (_file, _active) = (file, segment);
            _segments.Add(segment);
            Interlocked.Add(ref _bytes, segment.Bytes);
        }
    }
}

/// <summary>What a segment asks of the disk; tests put faults in its place.</summary>
internal class SegmentDisk
{
    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void Sync(SafeFileHandle file) => RandomAccess.FlushToDisk(file);
}
