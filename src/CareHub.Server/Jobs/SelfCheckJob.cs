using CareHub.Server.SelfWatch;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>Has the hub look at itself.</summary>
[DisallowConcurrentExecution]
internal sealed class SelfCheckJob(SelfCheck check, DeskWatch desks) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await desks.LookAsync();
        await check.LookAsync();
    }
}
