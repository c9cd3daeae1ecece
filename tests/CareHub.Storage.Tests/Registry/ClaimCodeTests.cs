using CareHub.Storage.Registry;

namespace CareHub.Storage.Tests.Registry;

/// <summary>Codes that people read off paper and type.</summary>
public sealed class ClaimCodeTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    [Fact]
    public void What_is_printed_is_read_back_however_it_is_typed()
    {
        var code = ClaimCode.Generate();
        foreach (var typed in new[] { code, code.ToLowerInvariant(), code.Replace("-", "", StringComparison.Ordinal), $"  {code[..3]} {code[3..]} ", code.Replace('0', 'O').Replace('1', 'l') })
        {
            Assert.True(ClaimCode.TryParse(typed, out var read));
            Assert.Equal(code, read);
        }
    }

    [Fact]
    public void Every_single_wrong_character_is_found()
    {
        var code = ClaimCode.Generate();
        for (var at = 0; at < code.Length; at++)
        {
            foreach (var letter in Alphabet.Where(letter => code[at] != '-' && letter != code[at]))
            {
                Assert.False(ClaimCode.TryParse($"{code[..at]}{letter}{code[(at + 1)..]}", out _));
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00000-0000")]
    [InlineData("00000-000000")]
    [InlineData("U0000-00000")]
    [InlineData("你好")]
    public void Anything_else_is_no_code(string? typed) => Assert.False(ClaimCode.TryParse(typed, out _));
}
