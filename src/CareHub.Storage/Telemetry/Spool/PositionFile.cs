using System.Buffers.Binary;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// How far something has come on its way to InfluxDB. A kill of the hub leaves it as it was; a power cut may take it back, and
/// then points are sent a second time, which InfluxDB does not notice. So it is not worth a sync.
/// </summary>
internal sealed class PositionFile(string path)
{
    private const int Bytes = 20;

    /// <summary>Zero when there is none, or none that can be believed.</summary>
    public SpoolPosition Read()
    {
        Span<byte> content = stackalloc byte[Bytes];
        if (!File.Exists(path))
            return default;
        using var file = File.OpenHandle(path);
        return RandomAccess.Read(file, content, 0) == Bytes && BinaryPrimitives.ReadUInt32LittleEndian(content[16..]) == FrameCodec.Crc32C(content[..16])
            ? new SpoolPosition(BinaryPrimitives.ReadInt64LittleEndian(content), BinaryPrimitives.ReadInt64LittleEndian(content[8..]))
            : default;
    }

    public void Write(in SpoolPosition position)
    {
        Span<byte> content = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(content, position.Vital);
        BinaryPrimitives.WriteInt64LittleEndian(content[8..], position.Low);
        BinaryPrimitives.WriteUInt32LittleEndian(content[16..], FrameCodec.Crc32C(content[..16]));
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        RandomAccess.Write(file, content, 0);
    }
}
