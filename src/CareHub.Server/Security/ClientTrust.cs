using System.Security.Cryptography.X509Certificates;

namespace CareHub.Server.Security;

/// <summary>
/// Whose certificates speak for devices: those issued by the configured authorities, and nobody else's. A certificate that
/// the system's own roots vouch for means nothing here.
/// </summary>
internal sealed class ClientTrust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _between = [];

    public bool HasRoot => _roots.Count > 0;

    public static ClientTrust FromPem(string pem)
    {
        var trust = new ClientTrust();
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        foreach (var certificate in all)
        {
            (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) ? trust._roots : trust._between).Add(certificate);
        }

        return trust;
    }

    /// <summary>Is it issued by the authorities, for clients, and valid now?</summary>
    public bool Covers(X509Certificate2 certificate, X509Certificate2Collection? sentAlong = null)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.ExtraStore.AddRange(_between);
        if (sentAlong is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sentAlong);
        }

        // A device is taken out of service in the registry, at once; revocation lists would only add a way to fail.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ClientAuthentication));
        return chain.Build(certificate);
    }
}
