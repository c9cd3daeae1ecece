using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;

namespace CareHub.Mqtt.Transport;

/// <summary>TLS listeners. A handshake has the time that a CONNECT has, and holds nothing of the broker until it is done.</summary>
internal sealed class TlsListeners(BrokerCore broker, ServeConnection serve)
{
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _accepting = [];

    public List<IPEndPoint> Endpoints { get; } = [];

    public void Start(IEnumerable<MqttTlsListener> listeners)
    {
        foreach (var listener in listeners)
        {
            var socket = new Socket(listener.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            TcpKeepAlive.Apply(socket, broker.Limits.TcpKeepAliveSeconds);
            socket.Bind(listener.EndPoint);
            socket.Listen(4096);
            Endpoints.Add((IPEndPoint)socket.LocalEndPoint!);
            BrokerLog.Listening(broker.Logger, socket.LocalEndPoint!);
            _accepting.Add(AcceptAsync(socket, new Handshakes(listener, broker.Limits.TlsHandshakesMax)));
        }
    }

    public async Task StopAsync()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        await Task.WhenAll(_accepting).ConfigureAwait(false);
    }

    private async Task AcceptAsync(Socket listening, Handshakes handshakes)
    {
        var endpoint = listening.LocalEndPoint!;
        while (true)
        {
            try
            {
                // A handshake costs a thousand times what a packet does: only so many at once, the rest wait in the backlog.
                await handshakes.Places.WaitAsync().ConfigureAwait(false);
                Socket socket;
                try
                {
                    socket = await listening.AcceptAsync().ConfigureAwait(false);
                }
                catch
                {
                    handshakes.Places.Release();
                    throw;
                }

                _ = ServeAsync(socket, handshakes);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException exception)
            {
                BrokerLog.AcceptFailed(broker.Logger, endpoint, exception);
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket socket, Handshakes handshakes)
    {
        var shaking = true;
        try
        {
            socket.NoDelay = true;
            var remote = socket.RemoteEndPoint;
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await using (stream.ConfigureAwait(false))
            {
                using (var limit = new CancellationTokenSource(broker.Limits.ConnectTimeoutMs))
                {
                    await stream.AuthenticateAsServerAsync(handshakes.Options(), limit.Token).ConfigureAwait(false);
                }

                shaking = false;
                handshakes.Places.Release();

                var certificate = stream.RemoteCertificate is { } remoteCertificate ? new X509Certificate2(remoteCertificate) : null;
                await serve(new StreamTransport(stream), remote, certificate, socket.Dispose).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A handshake that fails is the other side's trouble; nothing was accepted yet.
            BrokerLog.HandshakeFailed(broker.Logger, exception.Message);
        }
        catch (Exception exception)
        {
            BrokerLog.ConnectionFailed(broker.Logger, exception);
        }
        finally
        {
            if (shaking)
            {
                handshakes.Places.Release();
            }

            socket.Dispose();
        }
    }

    /// <summary>One listener's handshakes: how many at once, and with which certificate.</summary>
    private sealed class Handshakes(MqttTlsListener listener, int max)
    {
        private volatile Presented? _presented;

        public SemaphoreSlim Places { get; } = new(max);

        public SslServerAuthenticationOptions Options()
        {
            var certificate = listener.Certificate();
            var presented = _presented;
            if (presented is null || !ReferenceEquals(presented.Certificate, certificate))
            {
                // Built once for each certificate: the chain is looked up here, not at every handshake. Nothing is fetched.
                _presented = presented = new Presented(certificate, SslStreamCertificateContext.Create(certificate, listener.Intermediates?.Invoke(), offline: true));
            }

            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = presented.Context,
                ClientCertificateRequired = listener.ClientCertificateRequired,
                RemoteCertificateValidationCallback = listener.ClientCertificateRequired ? listener.ValidateClientCertificate : null,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
        }

        private sealed record Presented(X509Certificate2 Certificate, SslStreamCertificateContext Context);
    }
}

/// <summary>A byte stream as the two pipes that a connection works on.</summary>
internal sealed class StreamTransport(Stream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

    public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
}
