using CareHub.Server.Configuration;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>
/// How the day before was answered, by region and priority: the telecare benchmark is 97.5 % within 60 s and 99 % within
/// 180 s. Running it again for a day replaces that day.
/// </summary>
[DisallowConcurrentExecution]
internal sealed partial class DailySummaryJob(IDbContextFactory<AlarmsContext> alarms, RegistryView registry, HubOptions options, TimeProvider time, ILogger<DailySummaryJob> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).DateTime);
        await SummariseAsync(today.AddDays(-1), cancellationToken);
    }

    internal async Task SummariseAsync(DateOnly day, CancellationToken cancellationToken)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
        long from = StartOf(day, zone), to = StartOf(day.AddDays(1), zone);
        await using var context = await alarms.CreateDbContextAsync(cancellationToken);
        var raised = await context.Alarms.AsNoTracking().Where(alarm => alarm.RaisedAt >= from && alarm.RaisedAt < to).ToListAsync(cancellationToken);

        var name = day.ToString("yyyy-MM-dd");
        var regions = registry.Current;
        var summaries = raised
            .SelectMany(alarm => (regions.Sites.GetValueOrDefault(alarm.SiteId)?.Region.Path ?? [RegistryStore.RootRegionId]).Select(regionId => (regionId, alarm)))
            .GroupBy(pair => (pair.regionId, pair.alarm.Priority), pair => pair.alarm)
            .Select(group => Summarise(name, group.Key.regionId, group.Key.Priority, [.. group]))
            .ToList();

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.DailySummaries.Where(row => row.Day == name).ExecuteDeleteAsync(cancellationToken);
        context.DailySummaries.AddRange(summaries);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogSummarised(name, raised.Count);
    }

    private static DailySummaryRow Summarise(string day, string regionId, Core.Alarms.Priority priority, List<AlarmRow> alarms)
    {
        // An alarm never acknowledged counts as unanswered, not as absent.
        var answers = alarms.Where(alarm => alarm.AcknowledgedAt is not null).Select(alarm => alarm.AcknowledgedAt!.Value - alarm.RaisedAt).Order().ToList();
        return new DailySummaryRow
        {
            Day = day,
            RegionId = regionId,
            Priority = priority,
            Raised = alarms.Count,
            Closed = alarms.Count(alarm => alarm.ClosedAt is not null),
            AnsweredIn60S = answers.Count(ms => ms <= 60_000),
            AnsweredIn180S = answers.Count(ms => ms <= 180_000),
            AcknowledgeP50Ms = Percentile(answers, 0.50),
            AcknowledgeP95Ms = Percentile(answers, 0.95),
        };
    }

    /// <summary>Nearest rank.</summary>
    private static long? Percentile(List<long> sorted, double share) =>
        sorted.Count == 0 ? null : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];

    private static long StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUnixTimeMilliseconds();
    }

    [LoggerMessage(5201, LogLevel.Information, "Daily summary of {Day}: {Alarms} alarms")]
    private partial void LogSummarised(string day, int alarms);
}
