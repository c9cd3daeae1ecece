using System.Net;
using System.Net.WebSockets;
using CareHub.Mqtt.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CareHub.Mqtt.Broker;

/// <summary>MQTT over WebSocket, MQTT 5.0 §6, as an endpoint of an ASP.NET Core application.</summary>
public static class MqttWebSocketExtensions
{
    private const string SubProtocol = "mqtt";

    /// <summary>
    /// Serves MQTT on the path. The client has to offer the subprotocol <c>mqtt</c> [MQTT-6.0.0-3]; anything else gets
    /// status 400. The application's own middleware (TLS, forwarded headers, origins) applies as to any endpoint.
    /// </summary>
    public static IEndpointConventionBuilder MapMqtt(this IEndpointRouteBuilder endpoints, string pattern, MqttServer server)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(server);
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(context => ServeAsync(context, server));
        return endpoints.Map(pattern, pipeline.Build());
    }

    private static async Task ServeAsync(HttpContext context, MqttServer server)
    {
        if (!context.WebSockets.IsWebSocketRequest
            || !context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol, StringComparer.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("This is MQTT over WebSocket: offer the subprotocol \"mqtt\".").ConfigureAwait(false);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(SubProtocol).ConfigureAwait(false); // [MQTT-6.0.0-4]
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        var stream = new WebSocketByteStream(socket);
        await using (stream.ConfigureAwait(false))
        {
            var certificate = await context.Connection.GetClientCertificateAsync().ConfigureAwait(false);
            await server.ServeWebSocketAsync(new StreamTransport(stream), remote, certificate, context.Abort).ConfigureAwait(false);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                try
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
                {
                    // The other side was quicker.
                }
            }
        }
    }
}
