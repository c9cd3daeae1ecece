using CareHub.Mqtt.Broker;

namespace CareHub.Server;

/// <summary>Listens for devices while the host runs; starts after, and stops before, the registry and the telemetry lane.</summary>
internal sealed class BrokerService(MqttServer broker) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => broker.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => broker.StopAsync(cancellationToken);
}
