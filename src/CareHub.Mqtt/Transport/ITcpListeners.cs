using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace CareHub.Mqtt.Transport;

/// <summary>Serves one connection until it ends.</summary>
internal delegate Task ServeConnection(IDuplexPipe transport, EndPoint? remote, X509Certificate2? certificate, Action abort);

/// <summary>Plain TCP listeners, whatever they stand on.</summary>
internal interface ITcpListeners : IAsyncDisposable
{
    /// <summary>Where they listen, once started.</summary>
    List<IPEndPoint> Endpoints { get; }

    Task StartAsync(IEnumerable<IPEndPoint> endpoints, CancellationToken cancellationToken);

    /// <summary>Stops accepting; open connections are served on.</summary>
    Task UnbindAsync(CancellationToken cancellationToken);
}
