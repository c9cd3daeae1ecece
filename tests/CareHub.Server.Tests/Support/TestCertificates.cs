using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CareHub.Server.Tests.Support;

/// <summary>A throw-away authority and what it issues, as PEM files in a folder of their own.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        Directory.CreateDirectory(Folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-20), DateTimeOffset.UtcNow.AddYears(20));
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"carehub-tls-{Guid.NewGuid():N}");

    public string AuthorityFile => Path.Combine(Folder, "ca.pem");

    public string ServerFile => Path.Combine(Folder, "server.pem");

    public string ServerKeyFile => Path.Combine(Folder, "server.key");

    /// <summary>Writes a certificate for the hub into its two files.</summary>
    public void WriteServer(DateTimeOffset? notAfter = null) => Write(Issue("CN=localhost", null, client: false, notAfter), ServerFile, ServerKeyFile);

    /// <summary>A device's certificate, in files that mosquitto_pub reads.</summary>
    public (string Certificate, string Key) WriteDevice(string commonName, string? uri = null)
    {
        var files = (Path.Combine(Folder, $"{commonName}.pem"), Path.Combine(Folder, $"{commonName}.key"));
        Write(Issue($"CN={commonName}", uri, client: true, null), files.Item1, files.Item2);
        return files;
    }

    public X509Certificate2 Device(string commonName, string? uri = null)
    {
        var (certificate, key) = Issue($"CN={commonName}", uri, client: true, null);
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.CopyWithPrivateKey(key).Export(X509ContentType.Pfx), null);
        }
    }

    private (X509Certificate2 Certificate, ECDsa Key) Issue(string subject, string? uri, bool client, DateTimeOffset? notAfter)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        return (request.Create(_authority, DateTimeOffset.UtcNow.AddYears(-2), notAfter ?? DateTimeOffset.UtcNow.AddYears(5), RandomNumberGenerator.GetBytes(12)), key);
    }

    private static void Write((X509Certificate2 Certificate, ECDsa Key) issued, string certificateFile, string keyFile)
    {
        using (issued.Certificate)
        using (issued.Key)
        {
            File.WriteAllText(certificateFile, issued.Certificate.ExportCertificatePem(), Encoding.ASCII);
            File.WriteAllText(keyFile, issued.Key.ExportPkcs8PrivateKeyPem(), Encoding.ASCII);
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
