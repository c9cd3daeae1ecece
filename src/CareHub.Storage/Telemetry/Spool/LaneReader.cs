using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>A consumer's place in a lane. Used by one thread at a time.</summary>
internal sealed class LaneReader(LaneLog log, long position, ILogger logger) : IDisposable
{
    private readonly SegmentSeries _series = new();
    private readonly List<SpoolReading> _frame = [];
    private byte[] _bytes = new byte[64 * 1024];
    private int _taken;
    private Segment? _segment;
    private SafeFileHandle? _file;
    private long _offset;

    /// <summary>Number of the last reading that was handed out, or was not there any more.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Adds readings in their order, at most so many; returns how many.</summary>
    public int Read(List<SpoolReading> into, int max)
    {
        var added = 0;
        while (added < max)
        {
            if (_taken == _frame.Count && !LoadFrame())
                break;
            var take = Math.Min(max - added, _frame.Count - _taken);
            into.AddRange(CollectionsMarshal.AsSpan(_frame).Slice(_taken, take));
            _taken += take;
            Position += take;
            added += take;
        }

        return added;
    }

    /// <summary>Unix time of receipt of the reading that comes next; null when nothing more is on disk. Hands nothing out.</summary>
    public long? NextReceivedMs() => _taken < _frame.Count || LoadFrame() ? _frame[_taken].ReceivedMs : null;

    /// <summary>Goes back to where it was.</summary>
    public void Seek(long to)
    {
        Close();
        Position = to;
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Goes on to the frame that holds the next reading; false when nothing more is on disk.</summary>
    private bool LoadFrame()
    {
        while (true)
        {
            if (_segment is null || _segment.IsGone)
            {
                if (!OpenSegment())
                    return false;
            }

            var end = _segment!.Bytes;
            if (_offset < end)
            {
                if (NextFrame(end) is { } header && Take(header))
                    return true;
                continue;
            }

            if (log.SegmentFor(Math.Max(Position, _segment.LastSequence) + 1) is not { } next)
                return false;
            // It may have grown before the next one was begun.
            if (_offset == _segment.Bytes && !ReferenceEquals(next, _segment))
            {
                Position = Math.Max(Position, _segment.LastSequence);
                _segment = null;
            }
        }
    }

    private bool OpenSegment()
    {
        Close();
        while (log.SegmentFor(Position + 1) is { } segment)
        {
            try
            {
                _file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                (_segment, _offset) = (segment, Segment.HeaderBytes);
                return true;
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                // Deleted between the two, at the quota: the next one, then. By somebody else: that is damage.
                if (segment.IsGone)
                    continue;
                TelemetryLog.SpoolDamaged(logger, Path.GetFileName(segment.Path), 0, segment.Bytes);
                Position = Math.Max(Position, segment.LastSequence);
            }
        }

        return false;
    }

    private void Close()
    {
        _file?.Dispose();
        (_file, _segment) = (null, null);
        _series.Clear();
        _frame.Clear();
        _taken = 0;
    }

    /// <summary>Reads the frame at the offset, or the next whole one behind damage; null at the end of the segment.</summary>
    private FrameCodec.Header? NextFrame(long end)
    {
        if (ReadBytes(FrameCodec.HeaderBytes) && FrameCodec.TryReadHeader(_bytes, out var header)
            && _offset + FrameCodec.HeaderBytes + header.PayloadBytes <= end
            && header.FirstSequence <= _segment!.LastSequence
            && ReadBytes(FrameCodec.HeaderBytes + header.PayloadBytes)
            && FrameCodec.IsIntact(_bytes.AsSpan(0, FrameCodec.HeaderBytes + header.PayloadBytes), header))
        {
            _offset += FrameCodec.HeaderBytes + header.PayloadBytes;
            return header;
        }

        var rest = SegmentScan.ReadRest(_file!, _offset);
        var found = SegmentScan.FindIntact(rest, 0, Position, _segment!.LastSequence);
        var skipped = found?.Offset ?? rest.Length;
        TelemetryLog.SpoolDamaged(logger, Path.GetFileName(_segment.Path), _offset, skipped);
        _offset = found is null ? end : _offset + skipped;
        return null;
    }

    private bool ReadBytes(int count)
    {
        if (_bytes.Length < count)
            _bytes = new byte[Math.Max(count, _bytes.Length * 2)];
        var read = 0;
        while (read < count && RandomAccess.Read(_file!, _bytes.AsSpan(read, count - read), _offset + read) is var more and > 0)
            read += more;
        return read == count;
    }

    /// <summary>Takes a frame apart; false when all of it was handed out before.</summary>
    private bool Take(in FrameCodec.Header header)
    {
        if (!FrameCodec.TryDecode(_bytes.AsSpan(FrameCodec.HeaderBytes, header.PayloadBytes), header, log.Lane, _series, _frame))
        {
            // Whole in itself, but its series were written down in a frame that was not.
            TelemetryLog.SpoolDamaged(logger, Path.GetFileName(_segment!.Path), _offset, FrameCodec.HeaderBytes + header.PayloadBytes);
            (_taken, Position) = (0, Math.Max(Position, header.FirstSequence + header.Readings - 1));
            return false;
        }

        _taken = (int)Math.Clamp(Position + 1 - header.FirstSequence, 0, _frame.Count);
        if (_taken == _frame.Count)
            return false;
        Position = header.FirstSequence + _taken - 1;
        return true;
    }
}
