using System.Text;
using CareHub.Storage.Registry;

namespace CareHub.Server.Ingest;

/// <summary>A connected client: what the broker carries as its principal. One instance is one connection.</summary>
/// <param name="name">Device id, or the name of a service.</param>
/// <param name="clientId">MQTT client identifier.</param>
/// <param name="secretHash">The stored hash its secret had; null when a certificate spoke for it.</param>
/// <param name="from">Address without the port.</param>
internal abstract class ClientIdentity(string name, string clientId, byte[]? secretHash, string from)
{
    public string Name { get; } = name;

    public string ClientId { get; } = clientId;

    public byte[]? SecretHash { get; } = secretHash;

    public string From { get; } = from;

    /// <summary>Would it still be let in?</summary>
    public abstract bool IsStillWelcome(RegistrySnapshot registry, DateTimeOffset now);
}

internal sealed class DeviceSession(string deviceId, string clientId, byte[]? secretHash, string from) : ClientIdentity(deviceId, clientId, secretHash, from)
{
    /// <summary>Own topics, compared as bytes so that a publish needs no string.</summary>
    public byte[] OwnPrefix { get; } = Encoding.UTF8.GetBytes($"{DeviceTopics.Root}{deviceId}/");

    public override bool IsStillWelcome(RegistrySnapshot registry, DateTimeOffset now) =>
        registry.Devices.TryGetValue(Name, out var device) && !device.Disabled && (SecretHash is null || device.Accepts(SecretHash, now));
}

internal sealed class ServiceSession(ServiceEntry service, string clientId, string from) : ClientIdentity(service.Name, clientId, service.SecretHash, from)
{
    public TopicGrants Grants { get; } = new(service.PublishFilters, service.SubscribeFilters);

    public override bool IsStillWelcome(RegistrySnapshot registry, DateTimeOffset now) =>
        registry.Services.TryGetValue(Name, out var current) && current.SecretHash.AsSpan().SequenceEqual(SecretHash);
}
