using System.Net;
using CareHub.Server.Security;

namespace CareHub.Server.Configuration;

/// <summary>MQTT over TLS, under <c>CareHub:Mqtt:Tls</c>.</summary>
internal sealed class TlsOptions
{
    public const string Required = "required";
    public const string Optional = "optional";

    /// <summary>Addresses and ports, separated by commas.</summary>
    public string Listen { get; set; } = "127.0.0.1:8883";

    /// <summary>PEM file: the certificate, then those between it and its root.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? Key { get; set; }

    /// <summary>PEM file with the authorities that issue devices' certificates; turns mutual TLS on.</summary>
    public string? ClientCa { get; set; }

    /// <summary><c>required</c>: no connection without a certificate. <c>optional</c>: one without signs in by password.</summary>
    public string ClientCertificate { get; set; } = Required;

    public bool IsClientCertificateRequired => ClientCa is not null && ClientCertificate == Required;

    /// <summary><see cref="Listen"/>, parsed; empty when it is not valid.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => HubOptions.TryParseListen(Listen, out var endpoints, out _) ? endpoints : [];

    /// <summary>Everything that is wrong, the files included.</summary>
    public IEnumerable<string> Validate()
    {
        if (!HubOptions.TryParseListen(Listen, out _, out var listenError))
        {
            yield return $"Listen: {listenError}";
        }

        if (ClientCertificate is not (Required or Optional))
        {
            yield return $"ClientCertificate: '{ClientCertificate}' must be {Required} or {Optional}";
        }

        if (string.IsNullOrEmpty(Certificate) || string.IsNullOrEmpty(Key))
        {
            yield return "Certificate and Key are both required: PEM files";
        }
        else if (CertificateFiles.Read(this).Load() is { Error: { } error })
        {
            yield return error;
        }
    }
}
