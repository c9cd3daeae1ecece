namespace CareHub.Storage.Telemetry.Influx;

/// <summary>What a person writes about their InfluxDB (1.x, 2.x through its 1.x interface, 3 Core).</summary>
internal sealed class InfluxOptions
{
    /// <summary>For example <c>http://influx:8086</c>.</summary>
    public string? Url { get; set; }

    /// <summary>Database; on 2.x the name that a DBRP mapping gives a bucket.</summary>
    public string? Database { get; set; }

    /// <summary>API token (2.x and 3). Either this or a user with a password, or neither.</summary>
    public string? Token { get; set; }

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>Whether a missing database is created. Turn it off where the hub's user is no administrator.</summary>
    public bool CreateDatabase { get; set; } = true;

    /// <summary>Everything that is wrong, at once; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(Url))
            errors.Add("Influx Url is missing (for example http://127.0.0.1:8086).");
        else if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            errors.Add($"Influx Url '{Url}' is not an absolute http or https address.");
        else if (url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            errors.Add("Influx Url must not hold a query, a fragment or a user; use Database, User, Password or Token.");

        if (string.IsNullOrWhiteSpace(Database))
            errors.Add("Influx Database is missing.");
        else if (Database.AsSpan().ContainsAnyInRange('\0', '\x1F'))
            errors.Add("Influx Database must not hold control characters.");

        var hasUser = !string.IsNullOrEmpty(User);
        var hasPassword = !string.IsNullOrEmpty(Password);
        if (!string.IsNullOrEmpty(Token) && (hasUser || hasPassword))
            errors.Add("Influx Token and User/Password exclude each other.");
        if (hasUser != hasPassword)
            errors.Add(hasUser ? "Influx User is given without Password." : "Influx Password is given without User.");
        if (hasUser && User!.Contains(':', StringComparison.Ordinal))
            errors.Add("Influx User must not hold a colon (HTTP Basic authentication).");
        return errors;
    }
}
