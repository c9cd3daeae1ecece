using CareHub.Core.Telemetry;
using CareHub.Server.Configuration;
using CareHub.Storage.Alarms;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>Packs and forgets readings; forgets quarantined payloads and finished notifications past their time. Alarms, signals and timelines are kept.</summary>
[DisallowConcurrentExecution]
internal sealed partial class RetentionJob(ITelemetryStore telemetry, IDbContextFactory<AlarmsContext> alarms, OutboxStore outbox, HubOptions options, TimeProvider time, ILogger<RetentionJob> log) : IJob
{
    /// <summary>Rows per statement, so that an alarm's commit never waits long for the file.</summary>
    private const int RowsPerStatement = 1_000;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await TrimAsync(cancellationToken);

    internal async Task TrimAsync(CancellationToken cancellationToken)
    {
        var now = time.HubNow();
        var readings = await telemetry.TidyAsync(now, options.Retention.Telemetry, cancellationToken);
        var quarantined = await TrimQuarantineAsync(now.AddDays(-options.Retention.QuarantineDays).ToUnixTimeMilliseconds(), cancellationToken);
        var notifications = await TrimNotificationsAsync(now.AddDays(-Limits.NotificationDays), cancellationToken);
        LogTrimmed(readings, quarantined, notifications);
    }

    private async Task<int> TrimNotificationsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var removed = await outbox.TrimAsync(before, RowsPerStatement, cancellationToken);
            total += removed;
            if (removed < RowsPerStatement)
            {
                return total;
            }
        }
    }

    private async Task<int> TrimQuarantineAsync(long beforeMs, CancellationToken cancellationToken)
    {
        await using var context = await alarms.CreateDbContextAsync(cancellationToken);
        var total = 0;
        while (true)
        {
            var removed = await context.Quarantine.Where(row => context.Quarantine.Where(old => old.At < beforeMs).OrderBy(old => old.Id).Take(RowsPerStatement).Select(old => old.Id).Contains(row.Id))
                .ExecuteDeleteAsync(cancellationToken);
            total += removed;
            if (removed < RowsPerStatement)
            {
                return total;
            }
        }
    }

    [LoggerMessage(5101, LogLevel.Information, "Retention: {Readings} readings, {Quarantined} quarantined payloads and {Notifications} notifications forgotten")]
    private partial void LogTrimmed(long readings, int quarantined, int notifications);
}
