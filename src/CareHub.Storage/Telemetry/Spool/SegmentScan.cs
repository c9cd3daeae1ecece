using Microsoft.Win32.SafeHandles;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>Finds out how far a segment is whole.</summary>
internal static class SegmentScan
{
    /// <summary>
    /// Looks through the newest segment of an earlier run. What follows its last whole frame is a tail that a crash tore: it
    /// was never acknowledged, and is cut off. Returns how many bytes that was.
    /// </summary>
    public static long Repair(Segment segment)
    {
        using var file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var bytes = ReadRest(file, 0);
        var whole = 0;
        var last = segment.FirstSequence - 1;
        if (segment.IsHeader(bytes))
        {
            whole = Segment.HeaderBytes;
            while (FindIntact(bytes, whole, last, long.MaxValue) is { } found)
            {
                whole = found.Offset + FrameCodec.HeaderBytes + found.Header.PayloadBytes;
                last = found.Header.FirstSequence + found.Header.Readings - 1;
            }
        }

        segment.Grow(whole, last);
        if (whole == bytes.Length)
            return 0;
        RandomAccess.SetLength(file, whole);
        RandomAccess.FlushToDisk(file);
        return bytes.Length - whole;
    }

    /// <summary>The first whole frame at or behind an offset whose readings are behind <paramref name="after"/> and begin no later than <paramref name="last"/>.</summary>
    public static (int Offset, FrameCodec.Header Header)? FindIntact(ReadOnlySpan<byte> bytes, int from, long after, long last)
    {
        while (from < bytes.Length)
        {
            var next = bytes[from..].IndexOf(FrameCodec.MagicBytes);
            if (next < 0)
                return null;
            from += next;
            if (FrameCodec.TryReadHeader(bytes[from..], out var header)
                && from + FrameCodec.HeaderBytes + header.PayloadBytes <= bytes.Length
                && header.FirstSequence > after && header.FirstSequence <= last
                && FrameCodec.IsIntact(bytes.Slice(from, FrameCodec.HeaderBytes + header.PayloadBytes), header))
                return (from, header);
            from++;
        }

        return null;
    }

    /// <summary>Everything from an offset to the end of the file.</summary>
    public static byte[] ReadRest(SafeFileHandle file, long from)
    {
        var bytes = new byte[Math.Max(0, RandomAccess.GetLength(file) - from)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), from + read) is var more and > 0)
            read += more;
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
