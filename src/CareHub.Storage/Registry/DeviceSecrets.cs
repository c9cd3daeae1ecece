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

    /// <summary>256 random bits, safe in a URL, a CSV and a shell.</summary>
    public static string Generate() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
