using CareHub.Core.Notifications;
using CareHub.Server.Pipeline;
using CareHub.Storage.Alarms;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Notifications;

/// <summary>A lane for each channel, from the start of the hub to its end.</summary>
internal sealed class NotificationSender(
    IEnumerable<INotifyChannel> channels, OutboxStore outbox, OutboxBell bell, IDbContextFactory<AlarmsContext> alarms, MessageWriter writer, TriagePipeline pipeline, NotifyCounts counts, TimeProvider time, ILogger<NotifyLane> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var configured = channels.ToDictionary(channel => channel.Kind);
        return Task.WhenAll(Enum.GetValues<NotifyChannel>()
            .Select(kind => new NotifyLane(configured.GetValueOrDefault(kind) ?? new MissingChannel(kind), outbox, bell, alarms, writer, pipeline, counts, time, log).RunAsync(stoppingToken)));
    }
}
