using System.Globalization;
using CareHub.Storage.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CareHub.Server.Api;

/// <summary>Alarms do not depend on it, so trouble with readings degrades the hub and does not make it unready.</summary>
internal sealed class TelemetryCheck(TelemetryStorage telemetry) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        telemetry.SpoolState.Failing ? HealthCheckResult.Degraded("readings cannot be written to the spool")
        : telemetry.Forwarder is { Failing: true } influx ? HealthCheckResult.Degraded(string.Create(CultureInfo.InvariantCulture, $"InfluxDB: {influx.ReadingsWaiting} readings wait, for {influx.LagSeconds:0} s: {influx.LastError}"))
        : HealthCheckResult.Healthy());
}
