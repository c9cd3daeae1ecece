namespace CareHub.Storage.Telemetry.Embedded.Packing;

/// <summary>The readings of one series in one hour as bytes.</summary>
internal sealed class PointBlock
{
    private readonly PackBuffer _buffer = new();
    private readonly PointColumns _columns = new();

    /// <summary>Packs points that are in order of time, none twice.</summary>
    public byte[] Pack(ReadOnlySpan<Point> points)
    {
        _buffer.Clear();
        _columns.Write(_buffer, points);
        return Squeeze.Pack(_buffer.Written);
    }

    /// <summary>Adds the block's points to a list, in order of time.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, List<Point> into)
    {
        var reader = new PackReader(Squeeze.Unpack(packed));
        PointColumns.Read(ref reader, into);
    }
}
