using CareHub.Server.Configuration;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>The periodic work. Second-scale deadlines of alarms are the engine's, not Quartz's.</summary>
internal static class JobSetup
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SelfCheckEvery = TimeSpan.FromSeconds(10);

    public static void AddCareJobs(this IServiceCollection services, HubOptions options)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
        services.AddQuartz(quartz =>
        {
            quartz.ScheduleJob<SupervisionSweep>(trigger => trigger.WithIdentity("supervision-sweep").StartNow().WithSimpleSchedule(every => every.WithInterval(SweepEvery).RepeatForever()));
            quartz.ScheduleJob<SelfCheckJob>(trigger => trigger.WithIdentity("self-check").StartNow().WithSimpleSchedule(every => every.WithInterval(SelfCheckEvery).RepeatForever()));
            quartz.ScheduleJob<RetentionJob>(trigger => trigger.WithIdentity("retention").WithCronSchedule("0 7 * * * ?", cron => cron.InTimeZone(zone)));
            quartz.ScheduleJob<DailySummaryJob>(trigger => trigger.WithIdentity("daily-summary").WithCronSchedule("0 5 0 * * ?", cron => cron.InTimeZone(zone)));
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
    }
}
