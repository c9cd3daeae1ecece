using System.Net;
using CareHub.Mqtt.Broker;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CareHub.Mqtt.Transport;

/// <summary>TCP listeners on Kestrel's socket transport, tuned for many small packets: for systems without <see cref="EpollLoop"/>.</summary>
internal sealed class KestrelListeners(BrokerCore broker, ILoggerFactory loggerFactory, ServeConnection serve) : ITcpListeners
{
    private readonly List<IConnectionListener> _listeners = [];
    private readonly List<Task> _accepting = [];

    public List<IPEndPoint> Endpoints { get; } = [];

    public async Task StartAsync(IEnumerable<IPEndPoint> endpoints, CancellationToken cancellationToken)
    {
        var factory = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions
            {
                Backlog = 4096,
                NoDelay = true,
                UnsafePreferInlineScheduling = true,
                WaitForDataBeforeAllocatingBuffer = true,
                MaxReadBufferSize = 64 * 1024,
                MaxWriteBufferSize = 64 * 1024,
                CreateBoundListenSocket = endpoint =>
                {
                    var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                    TcpKeepAlive.Apply(socket, broker.Limits.TcpKeepAliveSeconds);
                    return socket;
                },
            }),
            loggerFactory);
        foreach (var endpoint in endpoints)
        {
            var listener = await factory.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
            _listeners.Add(listener);
            Endpoints.Add((IPEndPoint)listener.EndPoint);
            BrokerLog.Listening(broker.Logger, listener.EndPoint);
            _accepting.Add(AcceptAsync(listener));
        }
    }

    public async Task UnbindAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            await listener.UnbindAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(_accepting).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        while (true)
        {
            ConnectionContext? context;
            try
            {
                context = await listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Out of descriptors, most likely: what is open goes on, and so does accepting.
                BrokerLog.AcceptFailed(broker.Logger, listener.EndPoint, exception);
                await Task.Delay(100).ConfigureAwait(false);
                continue;
            }

            if (context is null)
            {
                return;
            }

            _ = ServeAsync(context);
        }
    }

    private async Task ServeAsync(ConnectionContext context)
    {
        try
        {
            await serve(context.Transport, context.RemoteEndPoint, null, context.Abort).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            BrokerLog.ConnectionFailed(broker.Logger, exception);
        }
        finally
        {
            await context.DisposeAsync().ConfigureAwait(false);
        }
    }
}
