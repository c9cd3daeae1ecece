using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CareHub.Server.Configuration;

namespace CareHub.Server.Security;

/// <summary>What the TLS files gave: everything, or an error.</summary>
internal sealed record LoadedCertificates(X509Certificate2? Certificate, X509Certificate2Collection Intermediates, ClientTrust? Clients, string? Error);

/// <summary>The bytes of the TLS files at one moment; compared by content, because a renewal may keep size and time.</summary>
internal sealed class CertificateFiles
{
    private readonly string? _certificate;
    private readonly string? _key;
    private readonly string? _clientCa;
    private readonly bool _wantsClientCa;
    private readonly string? _error;

    private CertificateFiles(TlsOptions options)
    {
        _wantsClientCa = options.ClientCa is not null;
        try
        {
            _certificate = File.ReadAllText(options.Certificate!);
            _key = File.ReadAllText(options.Key!);
            _clientCa = options.ClientCa is null ? null : File.ReadAllText(options.ClientCa);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _error = failure.Message;
        }
    }

    public static CertificateFiles Read(TlsOptions options) => new(options);

    /// <summary>Tells contents apart without keeping the key.</summary>
    public string Fingerprint() => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{_certificate}\0{_key}\0{_clientCa}\0{_error}")));

    public LoadedCertificates Load()
    {
        if (_error is not null)
        {
            return Failed(_error);
        }

        var step = "Certificate and Key";
        try
        {
            var certificate = X509Certificate2.CreateFromPem(_certificate, _key);
            if (OperatingSystem.IsWindows())
            {
                // Windows cannot serve with a key that is only in memory.
                certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(_certificate);
            chain.RemoveAt(0);
            step = "ClientCa";
            var clients = _wantsClientCa ? ClientTrust.FromPem(_clientCa!) : null;
            return clients is { HasRoot: false } ? Failed("ClientCa: no self-signed authority is in the file") : new LoadedCertificates(certificate, chain, clients, null);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return Failed($"{step}: {failure.Message}");
        }
    }

    private static LoadedCertificates Failed(string error) => new(null, [], null, error);
}
