using CareHub.Mqtt.Broker;
using CareHub.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CareHub.Server.Api;

/// <summary>Ready: devices can connect and the alarm database answers.</summary>
internal sealed class ReadyCheck(MqttServer broker, DataDirectory data) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (broker.Endpoints.Count == 0)
        {
            return HealthCheckResult.Unhealthy("the broker does not listen yet");
        }

        try
        {
            await using var connection = new SqliteConnection(SqliteFile.ConnectionString(data.AlarmsFile));
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1 FROM alarms LIMIT 1";
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (SqliteException failure)
        {
            return HealthCheckResult.Unhealthy("the alarm database does not answer", failure);
        }
    }
}
