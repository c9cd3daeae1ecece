namespace CareHub.Storage.Telemetry.Spool;

/// <summary>Bytes that grow and are used again.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = new byte[64 * 1024];

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Count);

    public void Clear() => Count = 0;

    public void Skip(int bytes)
    {
        Span(bytes);
        Advance(bytes);
    }

    /// <summary>Room for at least so many bytes behind what is written.</summary>
    public Span<byte> Span(int bytes)
    {
        if (_bytes.Length - Count < bytes)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Count + bytes));
        return _bytes.AsSpan(Count);
    }

    public void Advance(int bytes) => Count += bytes;

    public Span<byte> Written(int from) => _bytes.AsSpan(from, Count - from);
}
