using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CareHub.Mqtt.Broker;

/// <summary>A TCP listener that speaks TLS 1.2 or 1.3.</summary>
public sealed class MqttTlsListener
{
    /// <summary>Where it listens; 8883 is MQTT's port for TLS.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>
    /// The certificate with its private key, asked for at every handshake: return another one and new connections use
    /// it, without a restart.
    /// </summary>
    public required Func<X509Certificate2> Certificate { get; init; }

    /// <summary>
    /// The certificates between <see cref="Certificate"/> and its root, sent with it so that clients can build the chain.
    /// Asked for when <see cref="Certificate"/> returns an instance it did not return before; none when null.
    /// </summary>
    public Func<X509Certificate2Collection>? Intermediates { get; init; }

    /// <summary>
    /// Asks clients for a certificate; it reaches the host as <see cref="ConnectAttempt.Certificate"/>. A client without
    /// one is judged by <see cref="ValidateClientCertificate"/> too, which then gets null and may let it pass.
    /// </summary>
    public bool ClientCertificateRequired { get; init; }

    /// <summary>Judges a client's certificate; when null, the system's trusted roots do.</summary>
    public RemoteCertificateValidationCallback? ValidateClientCertificate { get; init; }
}
