using CareHub.Storage.Telemetry.Spool;
using Microsoft.Win32.SafeHandles;

namespace CareHub.Storage.Tests.Telemetry.Support;

/// <summary>A disk that is full, or that loses what it was asked to keep, when a test says so.</summary>
internal sealed class FaultyDisk : SegmentDisk
{
    private volatile int _tornAfter = -1;

    public bool SyncFails { get; set; }

    /// <summary>The next writes put so many bytes down and then fail; negative heals.</summary>
    public int TornAfter
    {
        get => _tornAfter;
        set => _tornAfter = value;
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (_tornAfter < 0)
        {
            base.Write(file, bytes, offset);
            return;
        }

        base.Write(file, bytes[..Math.Min(bytes.Length, _tornAfter)], offset);
        throw new IOException("No space left on device");
    }

    public override void Sync(SafeFileHandle file)
    {
        if (SyncFails)
            throw new IOException("Input/output error");
        base.Sync(file);
    }
}
