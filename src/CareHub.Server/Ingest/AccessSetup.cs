using CareHub.Mqtt.Broker;
using CareHub.Server.Api;
using CareHub.Server.Configuration;
using CareHub.Server.Security;
using CareHub.Server.SelfWatch;
using CareHub.Storage.Registry;

namespace CareHub.Server.Ingest;

/// <summary>Who may come in, from where, and how fast: the parts, and what the broker itself is told.</summary>
internal static class AccessSetup
{
    public static void AddDeviceAccess(this IServiceCollection services, HubOptions options)
    {
        services.AddSingleton(options.Mqtt.Limits);
        services.AddSingleton<DeviceAccessEndpoints.Work>();
        services.AddSingleton<DeviceChanges>().AddSingleton<RefusalBook>().AddSingleton<FailedLogins>().AddSingleton<PublishBudgets>().AddSingleton<ConnectGate>();
        services.AddHosted<LiveConnections>();
        services.AddHosted<FlapWatch>();
        if (options.Mqtt.Tls is { } tls)
        {
            services.AddSingleton(tls).AddSingleton<TlsCertificates>();
            services.AddHostedService<CertificateWatch>();
        }
    }

    /// <summary>Listeners and bounds.</summary>
    public static void Configure(MqttServerOptions mqtt, IServiceProvider services)
    {
        var options = services.GetRequiredService<HubOptions>().Mqtt;
        mqtt.PacketBytesMax = Limits.PacketBytesMax;
        mqtt.Limits.ConnectionsMax = options.Limits.Connections;
        mqtt.Limits.ConnectionsPerListenerMax = options.Limits.ConnectionsPerListener;
        mqtt.Limits.ConnectionsPerAddressMax = options.Limits.ConnectionsPerAddress;
        foreach (var endpoint in options.Endpoints)
        {
            mqtt.Listen.Add(endpoint);
        }

        foreach (var endpoint in options.Tls?.Endpoints ?? [])
        {
            mqtt.ListenTls.Add(services.GetRequiredService<TlsCertificates>().Listener(endpoint));
        }
    }
}
