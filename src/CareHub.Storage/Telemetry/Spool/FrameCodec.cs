using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// How readings lie in a segment: frames of one commit's readings, each complete in itself but for the series that frames
/// before it in the same segment have written down.
/// </summary>
/// <remarks>
/// Header of a frame, little endian: magic, payload bytes, CRC-32C of everything behind it, number of readings (4 bytes
/// each), sequence number of the first reading, Unix milliseconds that receipts count from (8 bytes each). The payload is a
/// row of entries. 0: a series follows (number, device, name, kind, site, region). A series' number: a reading of it
/// (its time minus the frame's in ticks, milliseconds of receipt after the frame's, 8 bytes of value). Numbers are variable
/// length, signed ones zigzag; texts are UTF-8 behind their length plus one, 0 for none.
/// </remarks>
internal static class FrameCodec
{
    public const int HeaderBytes = 32;
    public const int ReadingsMax = 4_096;

    /// <summary>Larger than any frame that is written; a length beyond it is damage.</summary>
    public const int PayloadBytesMax = 16 * 1024 * 1024;

    /// <summary>Longest device id or name, in characters; the guard before the spool refuses longer ones.</summary>
    public const int NameCharsMax = 512;

    /// <summary>A frame that has grown to this is ended: long names must not make one that is taken for damage.</summary>
    private const int FrameBytesEnough = 1024 * 1024;
    private const int ReadingBytesMax = 5 + 10 + 10 + 8;

    /// <summary>With what a frame begins.</summary>
    public static ReadOnlySpan<byte> MagicBytes => "CHF1"u8;

    public readonly record struct Header(int PayloadBytes, uint Crc, int Readings, long FirstSequence, long BaseMs);

    /// <summary>Appends frames that hold the readings; marks their series as written down in the segment.</summary>
    public static void Encode(ReadOnlySpan<SpoolReading> readings, long firstSequence, int segment, ByteBuffer output)
    {
        while (!readings.IsEmpty)
        {
            var encoded = EncodeFrame(readings, firstSequence, segment, output);
            readings = readings[encoded..];
            firstSequence += encoded;
        }
    }

    /// <summary>Reads a header; false when there is none.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> span, out Header header)
    {
        header = default;
        if (span.Length < HeaderBytes || !span.StartsWith(MagicBytes))
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(span[12..]);
        if (length > PayloadBytesMax || count is 0 or > ReadingsMax)
            return false;
        header = new Header((int)length, BinaryPrimitives.ReadUInt32LittleEndian(span[8..]), (int)count, BinaryPrimitives.ReadInt64LittleEndian(span[16..]), BinaryPrimitives.ReadInt64LittleEndian(span[24..]));
        return true;
    }

    /// <summary>Whether a frame (header and payload) is what was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> frame, in Header header) =>
        frame.Length == HeaderBytes + header.PayloadBytes && Crc32C(frame[12..]) == header.Crc;

    /// <summary>
    /// Takes an intact frame apart: new series go into the table, readings into the list. False, with an empty list, when it
    /// refers to a series that is not in the table.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, in Header header, SpoolLane lane, SegmentSeries series, List<SpoolReading> into)
    {
        var reader = new Reader(payload);
        var baseTicks = BaseTicks(header.BaseMs);
        CollectionsMarshal.SetCount(into, header.Readings);
        var readings = CollectionsMarshal.AsSpan(into);
        var count = 0;
        while (!reader.IsAtEnd)
        {
            var id = (int)reader.Number();
            if (id == 0)
            {
                id = (int)reader.Number();
                series.Add(new Series(id, reader.Text() ?? "", reader.Text() ?? "", new SeriesTags(reader.Text(), reader.Text(), reader.Text()), lane));
                continue;
            }

            if (count == readings.Length || !series.TryGet(id, out var known))
            {
                into.Clear();
                return false;
            }

            var at = baseTicks + reader.Signed();
            var received = header.BaseMs + reader.Signed();
            readings[count++] = new SpoolReading(known, at, reader.Double(), received);
        }

        if (count == readings.Length)
            return true;
        into.Clear();
        return false;
    }

    /// <summary>Takes as many as there is room for in one frame; returns how many.</summary>
    private static int EncodeFrame(ReadOnlySpan<SpoolReading> readings, long firstSequence, int segment, ByteBuffer output)
    {
        var start = output.Count;
        output.Skip(HeaderBytes);
        var baseMs = readings[0].ReceivedMs;
        var baseTicks = BaseTicks(baseMs);
        var count = 0;
        while (count < readings.Length && count < ReadingsMax && output.Count - start < FrameBytesEnough)
        {
            ref readonly var reading = ref readings[count++];
            var series = reading.Series;
            if (series.DeclaredIn != segment)
            {
                Declare(series, output);
                series.DeclaredIn = segment;
            }

            var span = output.Span(ReadingBytesMax);
            var used = PutNumber(span, (ulong)series.Id);
            used += PutSigned(span[used..], reading.AtTicks - baseTicks);
            used += PutSigned(span[used..], reading.ReceivedMs - baseMs);
            BinaryPrimitives.WriteInt64LittleEndian(span[used..], BitConverter.DoubleToInt64Bits(reading.Value));
            output.Advance(used + 8);
        }

        var frame = output.Written(start);
        MagicBytes.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(frame[12..], count);
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], firstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(frame[24..], baseMs);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Crc32C(frame[12..]));
        return count;
    }

    private static void Declare(Series series, ByteBuffer output)
    {
        var span = output.Span(11);
        span[0] = 0;
        output.Advance(1 + PutNumber(span[1..], (ulong)series.Id));
        PutText(series.Device, output);
        PutText(series.Name, output);
        PutText(series.Tags.Kind, output);
        PutText(series.Tags.Site, output);
        PutText(series.Tags.Region, output);
    }

    private static void PutText(string? text, ByteBuffer output)
    {
        if (text is null)
        {
            output.Span(1)[0] = 0;
            output.Advance(1);
            return;
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        var span = output.Span(bytes + 5);
        var used = PutNumber(span, (ulong)bytes + 1);
        output.Advance(used + Encoding.UTF8.GetBytes(text, span[used..]));
    }

    private static long BaseTicks(long baseMs) => baseMs * TimeSpan.TicksPerMillisecond;

    private static int PutSigned(Span<byte> span, long value) => PutNumber(span, (ulong)((value << 1) ^ (value >> 63)));

    private static int PutNumber(Span<byte> span, ulong value)
    {
        var used = 0;
        while (value >= 0x80)
        {
            span[used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[used++] = (byte)value;
        return used;
    }

    /// <summary>CRC-32C (Castagnoli), which processors compute themselves.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var each in bytes)
            crc = BitOperations.Crc32C(crc, each);
        return ~crc;
    }

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public ulong Number()
        {
            var value = 0UL;
            var shift = 0;
            var used = 0;
            while (true)
            {
                var each = _rest[used++];
                value |= (ulong)(each & 0x7F) << shift;
                if (each < 0x80)
                    break;
                shift += 7;
            }

            _rest = _rest[used..];
            return value;
        }

        public long Signed()
        {
            var value = Number();
            return (long)(value >> 1) ^ -(long)(value & 1);
        }

        public double Double()
        {
            var value = BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(_rest));
            _rest = _rest[8..];
            return value;
        }

        public string? Text()
        {
            var length = (int)Number();
            if (length == 0)
                return null;
            var text = Encoding.UTF8.GetString(_rest[..(length - 1)]);
            _rest = _rest[(length - 1)..];
            return text;
        }
    }
}

/// <summary>The series that a segment has written down so far.</summary>
internal sealed class SegmentSeries
{
    private readonly Dictionary<int, Series> _series = [];

    public bool TryGet(int id, [MaybeNullWhen(false)] out Series series) => _series.TryGetValue(id, out series);

    public void Add(Series series) => _series[series.Id] = series;

    public void Clear() => _series.Clear();
}
