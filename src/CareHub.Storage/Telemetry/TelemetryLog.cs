using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry;

/// <summary>Log lines of telemetry: events 4000 to 4999. Operators filter by id, so an id never changes its meaning.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(4000, LogLevel.Information, "telemetry.db upgraded from schema version {From} to {To}")]
    public static partial void SchemaUpgraded(ILogger logger, int from, int to);

    [LoggerMessage(4001, LogLevel.Error, "Readings cannot be written to telemetry.db; they wait in the spool, and every write tries anew")]
    public static partial void WriteFailed(ILogger logger, Exception error);

    [LoggerMessage(4002, LogLevel.Information, "Readings are written to telemetry.db again")]
    public static partial void WriteRecovered(ILogger logger);

    [LoggerMessage(4100, LogLevel.Warning, "InfluxDB takes no {Stream}: {Reason}. They are kept and sent again")]
    public static partial void ForwardingFailed(ILogger logger, string stream, string reason);

    [LoggerMessage(4101, LogLevel.Information, "InfluxDB takes {Stream} again")]
    public static partial void ForwardingRecovered(ILogger logger, string stream);

    [LoggerMessage(4102, LogLevel.Warning, "InfluxDB rejected {Count} {Stream} for good: {Reason}")]
    public static partial void PointsRejected(ILogger logger, int count, string stream, string reason);

    [LoggerMessage(4103, LogLevel.Error, "{Count} of the oldest readings ({Lane}) are gone before every store had them: the spool is at its quota of {MegabytesMax} MiB")]
    public static partial void ReadingsShed(ILogger logger, long count, Spool.SpoolLane lane, long megabytesMax);

    [LoggerMessage(4104, LogLevel.Error, "Forwarding of {Stream} stumbled and goes on")]
    public static partial void ForwardingStumbled(ILogger logger, string stream, Exception error);

    [LoggerMessage(4106, LogLevel.Error, "{Count} points that InfluxDB rejected could not be put into quarantine")]
    public static partial void QuarantineFailed(ILogger logger, int count, Exception error);

    [LoggerMessage(4105, LogLevel.Debug, "InfluxDB did not answer a query ({Reason}); telemetry.db answers")]
    public static partial void QueryFellBack(ILogger logger, string reason);

    [LoggerMessage(4200, LogLevel.Error, "Readings cannot be written to the spool; nothing that fails is acknowledged, and every write tries anew")]
    public static partial void SpoolFailed(ILogger logger, Exception error);

    [LoggerMessage(4201, LogLevel.Information, "Readings are written to the spool again")]
    public static partial void SpoolRecovered(ILogger logger);

    [LoggerMessage(4202, LogLevel.Warning, "{File} of the spool ended in {Bytes} bytes that were never acknowledged; they are cut off")]
    public static partial void SpoolTailCut(ILogger logger, string file, long bytes);

    [LoggerMessage(4203, LogLevel.Error, "{File} of the spool is damaged at byte {Offset}: {Bytes} bytes are skipped")]
    public static partial void SpoolDamaged(ILogger logger, string file, long offset, long bytes);

    [LoggerMessage(4204, LogLevel.Information, "{Count} readings that waited for InfluxDB in telemetry.db have moved to the spool")]
    public static partial void SpoolMoved(ILogger logger, long count);

    [LoggerMessage(4205, LogLevel.Error, "Readings do not get from the spool into telemetry.db; they wait there and are tried again")]
    public static partial void ApplyFailed(ILogger logger, Exception error);

    [LoggerMessage(4206, LogLevel.Information, "Readings get from the spool into telemetry.db again")]
    public static partial void ApplyRecovered(ILogger logger);
}
