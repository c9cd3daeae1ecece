using CareHub.Storage.Telemetry.Embedded.Packing;

namespace CareHub.Storage.Telemetry.Embedded.Fresh;

/// <summary>
/// Readings of neighbouring series as the bytes of one row: for each series how far its number is from the one before, how
/// many bytes follow, and its columns. Not squeezed: it lives for an hour, and is written and read more often than that.
/// </summary>
internal sealed class FreshChunk
{
    /// <summary>What a row can hold within a page of 4 KiB; only a series with more than that by itself spills over.</summary>
    private const int BytesMax = 3_900;

    private readonly PackBuffer _chunk = new();
    private readonly PackBuffer _entry = new();
    private readonly PointColumns _columns = new();
    private long _last;

    public bool IsEmpty => _chunk.Written.IsEmpty;

    /// <summary>The first series in it.</summary>
    public long First { get; private set; }

    public ReadOnlySpan<byte> Written => _chunk.Written;

    public void Clear() => _chunk.Clear();

    /// <summary>Adds a series, larger than those before; false when there is no more room.</summary>
    public bool TryAdd(long series, ReadOnlySpan<Point> points)
    {
        _entry.Clear();
        _columns.Write(_entry, points);
        if (!IsEmpty && _chunk.Written.Length + _entry.Written.Length > BytesMax)
            return false;
        if (IsEmpty)
            First = _last = series;
        _chunk.Number((ulong)(series - _last));
        _chunk.Number((ulong)_entry.Written.Length);
        _chunk.Bytes(_entry.Written);
        _last = series;
        return true;
    }

    /// <summary>Adds the points of one series to a list.</summary>
    /// <param name="chunk">The row's bytes.</param>
    /// <param name="first">The series that its key names.</param>
    /// <param name="wanted">The series.</param>
    /// <param name="into">Where they go.</param>
    public static void Read(ReadOnlySpan<byte> chunk, long first, long wanted, List<Point> into)
    {
        var reader = new PackReader(chunk);
        for (var series = first; !reader.Rest.IsEmpty;)
        {
            series += (long)reader.Number();
            var entry = reader.Bytes(reader.Count());
            if (series < wanted)
                continue;
            if (series == wanted)
            {
                var columns = new PackReader(entry);
                PointColumns.Read(ref columns, into);
            }

            return;
        }
    }

    /// <summary>Adds the points of the series from one to another, which is not among them, to a list.</summary>
    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, long, long, List{Point})"/>
    public static void Read(ReadOnlySpan<byte> chunk, long first, long from, long to, List<Point> scratch, List<FreshPoint> into)
    {
        var reader = new PackReader(chunk);
        for (var series = first; !reader.Rest.IsEmpty;)
        {
            series += (long)reader.Number();
            var entry = reader.Bytes(reader.Count());
            if (series >= to)
                return;
            if (series < from)
                continue;
            scratch.Clear();
            var columns = new PackReader(entry);
            PointColumns.Read(ref columns, scratch);
            foreach (var point in scratch)
                into.Add(new FreshPoint(series, point.At, point.Value));
        }
    }
}
