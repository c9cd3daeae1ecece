using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CareHub.Simulator.Wire;

/// <summary>
/// Ids of signals: ULIDs (48 bits of time, 80 further bits, Crockford base 32). The 80 bits are not random but a hash of
/// run, device and count, so that a signal sent twice has one id and a replayed run has the same; a run without a given
/// id gets one of its own, so that two runs never collide.
/// </summary>
internal static class SignalId
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static string Create(string runId, string deviceId, int number, DateTimeOffset at)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{runId}\n{deviceId}\n{number}"), hash);
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, (ulong)at.ToUnixTimeMilliseconds() << 16);
        hash[..10].CopyTo(id[6..]);
        var value = BinaryPrimitives.ReadUInt128BigEndian(id);
        return string.Create(26, value, static (text, rest) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }
}
