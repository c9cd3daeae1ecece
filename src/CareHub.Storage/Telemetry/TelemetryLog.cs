using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry;

/// <summary>Log lines of telemetry: events 4000 to 4999. Operators filter by id, so an id never changes its meaning.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(4000, LogLevel.Information, "telemetry.db upgraded from schema version {From} to {To}")]
    public static partial void SchemaUpgraded(ILogger logger, int from, int to);

    [LoggerMessage(4001, LogLevel.Error, "Readings cannot be written to telemetry.db; nothing that fails is acknowledged, and every write tries anew")]
    public static partial void WriteFailed(ILogger logger, Exception error);

    [LoggerMessage(4002, LogLevel.Information, "Readings are written to telemetry.db again")]
    public static partial void WriteRecovered(ILogger logger);

    [LoggerMessage(4100, LogLevel.Warning, "InfluxDB takes no {Stream}: {Reason}. They are kept and sent again")]
    public static partial void ForwardingFailed(ILogger logger, string stream, string reason);

    [LoggerMessage(4101, LogLevel.Information, "InfluxDB takes {Stream} again")]
    public static partial void ForwardingRecovered(ILogger logger, string stream);

    [LoggerMessage(4102, LogLevel.Warning, "InfluxDB rejected {Count} {Stream} for good: {Reason}")]
    public static partial void PointsRejected(ILogger logger, int count, string stream, string reason);

    [LoggerMessage(4103, LogLevel.Error, "{Count} of the oldest readings are not going to InfluxDB: more than {Max} were waiting")]
    public static partial void ReadingsShed(ILogger logger, long count, long max);

    [LoggerMessage(4104, LogLevel.Error, "Forwarding of {Stream} stumbled and goes on")]
    public static partial void ForwardingStumbled(ILogger logger, string stream, Exception error);

    [LoggerMessage(4105, LogLevel.Debug, "InfluxDB did not answer a query ({Reason}); telemetry.db answers")]
    public static partial void QueryFellBack(ILogger logger, string reason);
}
