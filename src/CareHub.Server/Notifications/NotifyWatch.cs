using CareHub.Core;
using CareHub.Core.Notifications;
using CareHub.Server.SelfWatch;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;

namespace CareHub.Server.Notifications;

/// <summary>
/// A channel that fails is an alarm of the hub, at the consoles: those who are no longer told must not believe they are.
/// It looks at the outbox and remembers nothing, so that a restart changes nothing.
/// </summary>
internal sealed partial class NotifyWatch(OutboxStore outbox, HubAlarms alarms, TimeProvider time, ILogger<NotifyWatch> log) : BackgroundService
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        do
        {
            try
            {
                await (await FaultAsync(stoppingToken) is { } reason ? alarms.RaiseAsync(HubSite.Notify, reason) : alarms.ClearAsync(HubSite.Notify));
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The next look says it again.
                LogLookFailed(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>The worst of what is wrong, as <c>sms_failing</c> or <c>sms_gave_up</c>: what still fails before what is over.</summary>
    private async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        var now = time.HubNow();
        string? gaveUp = null;
        foreach (var kind in Enum.GetValues<NotifyChannel>().OrderDescending())
        {
            var health = await outbox.HealthAsync(kind, now - Limits.NotifyFailingMax, now - Limits.NotifyGaveUpFor, cancellationToken);
            if (health.Failing)
            {
                return $"{Words<NotifyChannel>.Of(kind)}_failing";
            }

            gaveUp ??= health.GaveUp ? $"{Words<NotifyChannel>.Of(kind)}_gave_up" : null;
        }

        return gaveUp;
    }

    [LoggerMessage(2106, LogLevel.Error, "The look at the notification channels failed")]
    private partial void LogLookFailed(Exception failure);
}
