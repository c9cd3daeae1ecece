using System.Net;
using System.Net.Sockets;
using CareHub.Mqtt.Broker;

namespace CareHub.Mqtt.Transport;

/// <summary>TCP listeners on Linux, with event loops of their own.</summary>
internal sealed class EpollListeners(BrokerCore broker, ServeConnection serve) : ITcpListeners
{
    private readonly List<EpollLoop> _loops = [];

    public List<IPEndPoint> Endpoints { get; } = [];

    public Task StartAsync(IEnumerable<IPEndPoint> endpoints, CancellationToken cancellationToken)
    {
        var sockets = new List<Socket>();
        foreach (var endpoint in endpoints)
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (endpoint.Address.Equals(IPAddress.IPv6Any))
                {
                    socket.DualMode = true;
                }

                TcpKeepAlive.Apply(socket, broker.Limits.TcpKeepAliveSeconds);
                socket.Bind(endpoint);
                socket.Listen(4096);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                sockets.ForEach(static bound => bound.Dispose());
                throw new IOException($"Cannot listen on {endpoint}: {exception.Message}.", exception);
            }

            sockets.Add(socket);
            Endpoints.Add((IPEndPoint)socket.LocalEndPoint!);
            BrokerLog.Listening(broker.Logger, socket.LocalEndPoint!);
        }

        var count = Math.Max(sockets.Count, broker.Options.EventLoops);
        for (var i = 0; i < count && sockets.Count > 0; i++)
        {
            _loops.Add(new EpollLoop(exception => BrokerLog.ConnectionFailed(broker.Logger, exception)));
        }

        for (var i = 0; i < _loops.Count; i++)
        {
            _loops[i].Start(i < sockets.Count ? sockets[i] : null, [.. _loops], connection => _ = ServeAsync(connection));
        }

        return Task.CompletedTask;
    }

    public Task UnbindAsync(CancellationToken cancellationToken)
    {
        _loops.ForEach(static loop => loop.StopAccepting());
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _loops.ForEach(static loop => loop.Stop());
        return ValueTask.CompletedTask;
    }

    private async Task ServeAsync(EpollConnection connection)
    {
        try
        {
            await serve(connection, connection.Remote, null, connection.Abort).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            BrokerLog.ConnectionFailed(broker.Logger, exception);
        }
        finally
        {
            connection.Close();
        }
    }
}
