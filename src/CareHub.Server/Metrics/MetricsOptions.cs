namespace CareHub.Server.Metrics;

/// <summary>Who may read <c>/metrics</c>.</summary>
internal sealed class MetricsOptions
{
    /// <summary>SHA-256 of the bearer token, in hexadecimal, as <c>carehub metrics-token</c> prints it. Without one nobody may.</summary>
    public string? TokenSha256 { get; set; }

    public IEnumerable<string> Validate()
    {
        if (TokenSha256 is { Length: > 0 } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
        {
            yield return "TokenSha256 is not a SHA-256 in hexadecimal (64 digits); `carehub metrics-token` makes a token and prints it";
        }
    }
}
