using CareHub.Mqtt.Broker;
using CareHub.Server.Configuration;

namespace CareHub.Server.Api;

/// <summary>How the hub is reached from outside, as far as it knows.</summary>
internal static class PublicAddress
{
    /// <summary>Without a slash at the end.</summary>
    public static string Of(HubOptions options, HttpRequest request) => options.PublicUrl?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";

    /// <summary>Where a device may connect, the safest way first.</summary>
    public static IReadOnlyList<string> MqttOf(HubOptions options, HttpRequest request, MqttServer broker)
    {
        var web = new Uri(Of(options, request));
        var found = broker.TlsEndpoints.Select(endpoint => $"mqtts://{web.Host}:{endpoint.Port}").ToList();
        if (options.Mqtt.WebSocket)
        {
            found.Add($"{(web.Scheme == Uri.UriSchemeHttps ? "wss" : "ws")}://{web.Authority}/mqtt");
        }

        found.AddRange(broker.Endpoints.Select(endpoint => $"mqtt://{web.Host}:{endpoint.Port}"));
        return found;
    }
}
