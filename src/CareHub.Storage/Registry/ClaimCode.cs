using System.Security.Cryptography;

namespace CareHub.Storage.Registry;

/// <summary>
/// Codes that a person reads off paper and types: nine random characters of Crockford's base 32 (45 bits) and a check
/// character (Luhn mod 32), which finds every single mistyped character before the hub is asked.
/// </summary>
internal static class ClaimCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int RandomChars = 9;
    private const int Half = 5;

    /// <summary>A fresh code, as it is printed: <c>XXXXX-XXXXX</c>.</summary>
    public static string Generate()
    {
        var random = RandomNumberGenerator.GetString(Alphabet, RandomChars);
        var code = random + Alphabet[Check(random)];
        return $"{code[..Half]}-{code[Half..]}";
    }

    /// <summary>Reads what was typed: case, spaces, hyphens and the look-alikes I, L, O do not matter. False when it cannot be a code.</summary>
    public static bool TryParse(string? typed, out string code)
    {
        Span<char> chars = stackalloc char[RandomChars + 1];
        var count = 0;
        code = "";
        foreach (var raw in typed ?? "")
        {
            var c = char.ToUpperInvariant(raw) switch { 'I' or 'L' => '1', 'O' => '0', var other => other };
            if (c is '-' or ' ')
            {
                continue;
            }

            if (count == chars.Length || !Alphabet.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }

            chars[count++] = c;
        }

        if (count != chars.Length || Alphabet[Check(chars[..RandomChars])] != chars[RandomChars])
        {
            return false;
        }

        code = $"{chars[..Half]}-{chars[Half..]}";
        return true;
    }

    private static int Check(ReadOnlySpan<char> text)
    {
        var sum = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var value = Alphabet.IndexOf(text[text.Length - 1 - i], StringComparison.Ordinal) * (i % 2 == 0 ? 2 : 1);
            sum += (value / Alphabet.Length) + (value % Alphabet.Length);
        }

        return (Alphabet.Length - (sum % Alphabet.Length)) % Alphabet.Length;
    }
}
