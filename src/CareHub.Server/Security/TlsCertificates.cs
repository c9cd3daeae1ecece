using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CareHub.Mqtt.Broker;
using CareHub.Server.Configuration;

namespace CareHub.Server.Security;

/// <summary>The certificates in use. New connections take what is current; open ones keep what they began with.</summary>
internal sealed class TlsCertificates
{
    private readonly TlsOptions _options;
    private volatile LoadedCertificates _current;

    public TlsCertificates(TlsOptions options)
    {
        _options = options;
        _current = CertificateFiles.Read(options).Load();
        if (_current.Error is { } error)
        {
            // Validated a moment ago: the files were changed in between.
            throw new IOException($"CareHub:Mqtt:Tls: {error}");
        }
    }

    public LoadedCertificates Current => _current;

    /// <summary>Takes certificates that were loaded without an error.</summary>
    public void Use(LoadedCertificates loaded) => _current = loaded;

    public MqttTlsListener Listener(IPEndPoint endpoint) => new()
    {
        EndPoint = endpoint,
        Certificate = () => _current.Certificate!,
        Intermediates = () => _current.Intermediates,
        ClientCertificateRequired = _options.ClientCa is not null,
        ValidateClientCertificate = Judge,
    };

    /// <summary>Does the certificate speak for a device? Asked again at CONNECT, where it may come from another kind of listener.</summary>
    public bool Trusts(X509Certificate2 certificate) => _current.Clients?.Covers(certificate) ?? false;

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is X509Certificate2 presented
            ? _current.Clients?.Covers(presented, chain?.ChainPolicy.ExtraStore) ?? false
            : !_options.IsClientCertificateRequired;
}
