using System.Net.Http;
using System.Net.Security;
using System.Net.WebSockets;
using CareHub.Mqtt.Transport;

namespace CareHub.Mqtt.Client;

/// <summary>Opens MQTT's byte stream over a WebSocket, MQTT 5.0 §6.</summary>
internal static class ClientWebSocketStream
{
    /// <exception cref="MqttException">The server did not open a WebSocket for MQTT.</exception>
    public static async Task<Stream> OpenAsync(Uri address, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        var handler = new SocketsHttpHandler();
        if (tls is not null)
        {
            handler.SslOptions = tls;
        }

        var invoker = new HttpMessageInvoker(handler, disposeHandler: true);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol("mqtt"); // [MQTT-6.0.0-3]
            await socket.ConnectAsync(address, invoker, cancellationToken).ConfigureAwait(false);
            return new WebSocketByteStream(socket, new Owned(socket, invoker));
        }
        catch (Exception exception)
        {
            socket.Dispose();
            invoker.Dispose();
            if (exception is WebSocketException)
            {
                throw new MqttException($"The WebSocket could not be opened: {exception.InnerException?.Message ?? exception.Message}", inner: exception);
            }

            throw;
        }
    }

    private sealed class Owned(ClientWebSocket socket, HttpMessageInvoker invoker) : IDisposable
    {
        public void Dispose()
        {
            socket.Dispose();
            invoker.Dispose();
        }
    }
}
