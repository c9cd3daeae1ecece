using System.Text;
using CareHub.Core.Alarms;
using CareHub.Storage.Telemetry.Forwarding;

namespace CareHub.Server.Ingest;

/// <summary>
/// Puts points that InfluxDB refuses where undecodable payloads are, with the server's reason. Few at a time: they share
/// the file of the alarms, and a server that refuses everything must not fill it.
/// </summary>
internal sealed class TelemetryQuarantine(IServiceProvider services, IngestCounters counters, TimeProvider time) : IRejectedPoints
{
    private readonly TokenBucket _budget = new(Limits.RejectedPointsPerSecond, Limits.RejectedPointsBurst);

    public async Task KeepAsync(IReadOnlyList<RejectedPoint> points, CancellationToken cancellationToken)
    {
        // Telemetry is opened before the pipeline exists.
        var pipeline = services.GetRequiredService<StartUp>().Pipeline;
        foreach (var point in points)
        {
            if (!_budget.TryTake(time.GetUtcNow()))
            {
                return;
            }

            counters.CountQuarantined();
            var quarantined = new Quarantined(time.HubNow(), point.Device, point.Site ?? "", $"influxdb/{point.Stream}", point.Reason, 0, Encoding.UTF8.GetBytes(point.Line));
            // A hub that stops may not commit it any more.
            await pipeline.QuarantineAsync(quarantined).WaitAsync(cancellationToken);
        }
    }
}
