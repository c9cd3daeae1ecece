using System.Buffers.Binary;
using System.Globalization;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// One file of a lane: a header and frames. Only the newest grows; a segment is never written to again after a restart or
/// an error.
/// </summary>
internal sealed class Segment
{
    public const int HeaderBytes = 24;

    private const ulong Magic = 0x314C4F4F50534843; // "CHSPOOL1"
    private long _lastSequence;
    private long _bytes;
    private volatile bool _isGone;

    public Segment(string path, SpoolLane lane, long firstSequence)
    {
        Path = path;
        Lane = lane;
        FirstSequence = firstSequence;
        _lastSequence = firstSequence - 1;
        _bytes = HeaderBytes;
    }

    public string Path { get; }

    public SpoolLane Lane { get; }

    public long FirstSequence { get; }

    /// <summary>Of the last reading that is on disk; below <see cref="FirstSequence"/> while there is none.</summary>
    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Bytes that are on disk and whole.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Deleted; a reader that still has it open leaves it.</summary>
    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    public static string PathOf(string directory, SpoolLane lane, long firstSequence) =>
        System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix(lane)}{firstSequence:D19}.log"));

    /// <summary>The files of a lane by what their names say, in order.</summary>
    public static List<Segment> List(string directory, SpoolLane lane)
    {
        var found = new List<Segment>();
        foreach (var path in Directory.EnumerateFiles(directory, $"{Prefix(lane)}*.log"))
        {
            var number = System.IO.Path.GetFileNameWithoutExtension(path.AsSpan())[Prefix(lane).Length..];
            if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
                found.Add(new Segment(path, lane, first));
        }

        found.Sort(static (a, b) => a.FirstSequence.CompareTo(b.FirstSequence));
        return found;
    }

    public void WriteHeader(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], FirstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], (int)Lane);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], FrameCodec.Crc32C(header[..20]));
    }

    public bool IsHeader(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderBytes
        && BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic
        && BinaryPrimitives.ReadInt64LittleEndian(header[8..]) == FirstSequence
        && BinaryPrimitives.ReadInt32LittleEndian(header[16..]) == (int)Lane
        && BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) == FrameCodec.Crc32C(header[..20]);

    /// <summary>More of it is on disk. The order matters to readers: bytes first.</summary>
    public void Grow(long bytes, long lastSequence)
    {
        Volatile.Write(ref _bytes, bytes);
        Volatile.Write(ref _lastSequence, lastSequence);
    }

    private static string Prefix(SpoolLane lane) => lane == SpoolLane.Vital ? "vital-" : "low-";
}
