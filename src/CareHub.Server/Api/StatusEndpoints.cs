using System.Security.Claims;
using CareHub.Core.Alarms;
using CareHub.Mqtt.Broker;
using CareHub.Server.Bridge;
using CareHub.Server.Health;
using CareHub.Server.Ingest;
using CareHub.Server.Notifications;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage.Alarms;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Forwarding;
using CareHub.Storage.Telemetry.Spool;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

internal static class StatusEndpoints
{
    private const int SummaryDaysMax = 400;

    internal sealed record HubStatus(
        DateTimeOffset ServerTime, int Connections, int Devices, int OpenAlarms, int Consoles, int AudibleConsoles, long Signals, long Readings,
        long Redelivered, long Quarantined, long RefusedConnects, long RefusedPublishes, int SignalQueue, int TelemetryQueue, long TelemetryShed, long OverBudget, long Paced,
        long Commits, long FailedCommits, SpoolState Spool, ForwarderState? Influx, IReadOnlyList<BridgeStatus> Bridges, NotificationStatus Notifications)
    {
        /// <summary>Findings of health rules that were lost, and battery values not looked at, because there were too many at once.</summary>
        public required long HealthMissed { get; init; }
    }

    /// <summary>Waiting is what the outbox holds; the rest is counted since the hub started.</summary>
    internal sealed record NotificationStatus(int Waiting, DateTimeOffset? OldestWaitingAt, long Delivered, long GivenUp, long FailedAttempts);

    internal sealed record SummaryView(string Day, string RegionId, Priority Priority, int Raised, int Closed, int AnsweredIn60S, int AnsweredIn180S, long? AcknowledgeP50Ms, long? AcknowledgeP95Ms);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/status", StatusAsync).Produces<HubStatus>();
        api.MapGet("/summaries", SummariesAsync).Produces<IReadOnlyList<SummaryView>>();
    }

    private static async Task<HubStatus> StatusAsync(MqttServer broker, RegistryView registry, LiveQueue queue, ConsoleBook consoles, IngestCounters counters, TriagePipeline pipeline, TelemetryLane lane, TelemetryStorage telemetry, HealthWatch health, BridgeService bridges, OutboxStore outbox, NotifyCounts notified, TimeProvider time)
    {
        var (waiting, oldest) = await outbox.WaitingAsync();
        return new(
            time.HubNow(), broker.ConnectionCount, registry.Current.Devices.Count, queue.OpenTotal, consoles.Count, consoles.AudibleCount, counters.Signals, counters.Readings,
            counters.Redelivered, counters.Quarantined, counters.RefusedConnects, counters.RefusedPublishes, pipeline.Waiting, lane.Waiting, lane.Shed, counters.OverBudget, counters.Paced,
            pipeline.Committer.Committed, pipeline.Committer.Failed, telemetry.SpoolState, telemetry.Forwarder, bridges.Status,
            new(waiting, oldest, notified.Delivered, notified.GivenUp, notified.FailedAttempts))
        {
            HealthMissed = health.Missed,
        };
    }

    private static async Task<IResult> SummariesAsync(ClaimsPrincipal user, RegistryView registry, IDbContextFactory<AlarmsContext> alarms, int days = 7)
    {
        if (days is < 1 or > SummaryDaysMax)
        {
            return Problems.Invalid($"'days' must be 1–{SummaryDaysMax}");
        }

        var scope = Caller.Of(user).RegionId;
        var regions = registry.Current.Regions.Values.Where(region => region.Path.Contains(scope)).Select(region => region.Id).ToHashSet(StringComparer.Ordinal);
        await using var context = await alarms.CreateDbContextAsync();
        var newest = await context.DailySummaries.AsNoTracking().Select(row => row.Day).Distinct().OrderByDescending(day => day).Take(days).ToListAsync();
        var rows = await context.DailySummaries.AsNoTracking().Where(row => newest.Contains(row.Day)).ToListAsync();
        return Results.Ok(rows.Where(row => regions.Contains(row.RegionId)).OrderByDescending(row => row.Day).ThenBy(row => row.RegionId).ThenBy(row => row.Priority)
            .Select(row => new SummaryView(row.Day, row.RegionId, row.Priority, row.Raised, row.Closed, row.AnsweredIn60S, row.AnsweredIn180S, row.AcknowledgeP50Ms, row.AcknowledgeP95Ms)));
    }
}
