using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Server.Ingest;

/// <summary>
/// The second lane: readings on their way to the spool, bounded and apart from signals. Under overload it is the one that
/// yields.
/// </summary>
internal sealed class TelemetryLane(TelemetryStorage storage, TelemetryLimits limits)
{
    /// <summary>What most messages have at most; when there is no room for so many, the lane is full.</summary>
    private const int ReadingsOfMessage = 8;

    private readonly ReadingSpool _spool = storage.Spool;
    private long _shedUnread;

    /// <summary>Readings that wait for the next commit.</summary>
    public int Waiting => _spool.Queued;

    /// <summary>Readings without a promise that were dropped because too many waited; a message that nobody had decoded yet counts as one.</summary>
    public long Shed => _spool.Refused + Interlocked.Read(ref _shedUnread);

    /// <summary>The device's series; what its readings are taken with.</summary>
    public DeviceSeries Of(string deviceId) => _spool.Book.Of(deviceId);

    /// <summary>Why a device's readings cannot be taken; null when they can.</summary>
    public string? Refuse(DeviceSeries device, List<Reading> readings) => device.HasRoomFor(readings, limits.NamesPerDeviceMax)
        ? null
        : $"with these the device would have sent more than {limits.NamesPerDeviceMax} different readings; each is a series for ever";

    /// <summary>
    /// Sheds a message without a promise before anybody has decoded it, when the lane is full: what is thrown away must not
    /// cost what is kept, and not the alarms beside it.
    /// </summary>
    public bool ShedsUnread()
    {
        if (_spool.Queued <= limits.SpoolQueuedReadingsMax - ReadingsOfMessage)
        {
            return false;
        }

        Interlocked.Increment(ref _shedUnread);
        return true;
    }

    /// <summary>Takes readings that made no promise; false when they had to be shed.</summary>
    public bool TryAccept(DeviceSeries device, List<Reading> readings) => _spool.TryAccept(readings, device);

    /// <summary>
    /// Completes when the readings are on disk; waits while too many wait. What follows runs on the spool's thread and must
    /// be short.
    /// </summary>
    public Task KeepAsync(DeviceSeries device, List<Reading> readings) => _spool.KeepAsync(readings, device, CancellationToken.None);
}
