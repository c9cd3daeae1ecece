using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CareHub.Server.Bridge;

/// <summary>Whom the bridge trusts and how it shows itself. Read anew for every connection, so that renewed files count.</summary>
internal static class BridgeTls
{
    /// <summary>Null when the address is not one with TLS.</summary>
    public static SslClientAuthenticationOptions? OptionsOf(BridgeOptions options)
    {
        if (!options.UsesTls)
        {
            return null;
        }

        var tls = new SslClientAuthenticationOptions { TargetHost = options.Address.IdnHost };
        if (options.CaFile is { } caFile)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(caFile);
            if (policy.CustomTrustStore.Count == 0)
            {
                throw new IOException($"'{caFile}' holds no certificate in PEM form");
            }

            tls.CertificateChainPolicy = policy;
        }

        if (options.CertificateFile is { } certificateFile)
        {
            var own = X509Certificate2.CreateFromPemFile(certificateFile, options.KeyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(own, chain, offline: true);
        }

        return tls;
    }
}
