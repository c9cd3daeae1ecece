using CareHub.Server.SelfWatch;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>Has the hub look at itself.</summary>
[DisallowConcurrentExecution]
internal sealed class SelfCheckJob(SelfCheck check) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await check.LookAsync();
}
