using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CareHub.Server.Security;

/// <summary>Which device a certificate speaks for.</summary>
internal static class CertificateIdentity
{
    private const string UriPrefix = "urn:carehub:device:";
    private const string AlternativeNames = "2.5.29.17";
    private const string CommonName = "2.5.4.3";

    /// <summary>GeneralName ::= … uniformResourceIdentifier [6] IA5String (RFC 5280 §4.2.1.6).</summary>
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The URI <c>urn:carehub:device:ID</c> among the alternative names, or else the common name; null when it has neither, or two different ids.</summary>
    public static string? DeviceIdOf(X509Certificate2 certificate)
    {
        try
        {
            var ids = certificate.Extensions.Where(extension => extension.Oid?.Value == AlternativeNames)
                .SelectMany(extension => Uris(extension.RawData))
                .Where(uri => uri.StartsWith(UriPrefix, StringComparison.Ordinal))
                .Select(uri => uri[UriPrefix.Length..]).Distinct(StringComparer.Ordinal).ToList();
            return ids.Count switch { 0 => CommonNameOf(certificate), 1 => ids[0], _ => null };
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException)
        {
            return null;
        }
    }

    private static List<string> Uris(byte[] extension)
    {
        var uris = new List<string>();
        var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(UriTag))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return uris;
    }

    private static string? CommonNameOf(X509Certificate2 certificate)
    {
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName).ToList();
        return names.Count == 1 ? names[0].GetSingleElementValue() : null;
    }
}
