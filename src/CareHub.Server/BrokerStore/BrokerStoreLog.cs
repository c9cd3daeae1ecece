namespace CareHub.Server.BrokerStore;

internal static partial class BrokerStoreLog
{
    [LoggerMessage(1150, LogLevel.Critical, "broker.db cannot be written; trying again, and acknowledging nothing that depends on it")]
    public static partial void WriteFailed(ILogger log, Exception failure);

    [LoggerMessage(1151, LogLevel.Warning, "broker.db can be written again; nothing is missing")]
    public static partial void Recovered(ILogger log);

    [LoggerMessage(1152, LogLevel.Critical, "Stopping while broker.db cannot be written: {Changes} changes of sessions are not kept")]
    public static partial void Abandoned(ILogger log, int changes);
}
