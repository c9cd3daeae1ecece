using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CareHub.Storage.Registry;

/// <summary>
/// Device secrets are random and long, so a keyed hash is enough to store them by, and cheap enough for ten thousand
/// devices that reconnect at once (a password hash would take the hub down with them).
/// </summary>
internal sealed class DeviceSecrets(byte[] key)
{
    public byte[] Hash(string secret) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(secret));

    public bool Verify(ReadOnlySpan<byte> secretUtf8, ReadOnlySpan<byte> storedHash)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, secretUtf8, hash);
        return CryptographicOperations.FixedTimeEquals(hash, storedHash);
    }

    /// <summary>Which of the device's hashes the secret has, its current one or, within the overlap of a rotation, the previous; null for neither.</summary>
    public byte[]? Match(ReadOnlySpan<byte> secretUtf8, DeviceEntry device, DateTimeOffset now)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, secretUtf8, hash);
        if (CryptographicOperations.FixedTimeEquals(hash, device.SecretHash))
        {
            return device.SecretHash;
        }

        return device.PreviousSecretHash is { } previous && CryptographicOperations.FixedTimeEquals(hash, previous) && now < device.PreviousSecretUntil ? previous : null;
    }

    /// <summary>Claim codes are hashed under the same key, apart from secrets, so that neither can stand for the other.</summary>
    public byte[] HashClaimCode(string code) => Hash($"claim-code:{code}");

    /// <summary>256 random bits, safe in a URL, a CSV and a shell.</summary>
    public static string Generate() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
