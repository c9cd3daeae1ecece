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
    private readonly ReadingSpool _spool = storage.Spool;

    /// <summary>Readings that wait for the next commit.</summary>
    public int Waiting => _spool.Queued;

    /// <summary>Readings without a promise that were dropped because too many waited.</summary>
    public long Shed => _spool.Refused;

    /// <summary>Why a device's readings cannot be taken; null when they can.</summary>
    public string? Refuse(string deviceId, List<Reading> readings) => _spool.Book.NamesWith(deviceId, readings) > limits.NamesPerDeviceMax
        ? $"with these the device would have sent more than {limits.NamesPerDeviceMax} different readings; each is a series for ever"
        : null;

    /// <summary>Takes readings that made no promise; false when they had to be shed.</summary>
    public bool TryAccept(List<Reading> readings) => _spool.TryAccept(readings, distinct: true);

    /// <summary>
    /// Completes when the readings are on disk; waits while too many wait. What follows runs on the spool's thread and must
    /// be short.
    /// </summary>
    public Task KeepAsync(List<Reading> readings) => _spool.KeepAsync(readings, distinct: true, CancellationToken.None);
}
