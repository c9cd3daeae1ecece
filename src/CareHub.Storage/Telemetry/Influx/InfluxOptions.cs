namespace CareHub.Storage.Telemetry.Influx;

/// <summary>What a person writes about their InfluxDB (1.x, 2.x through its 1.x interface, 3 Core).</summary>
internal sealed class InfluxOptions
{
    /// <summary>For example <c>http://influx:8086</c>.</summary>
    public string? Url { get; set; }

    /// <summary>Database; on 2.x the name that a DBRP mapping gives a bucket.</summary>
    public string? Database { get; set; }

    /// <summary>Bucket of <see cref="Org"/>: given, points go to <c>/api/v2/write</c> and not to <see cref="Database"/>.</summary>
    public string? Bucket { get; set; }

    /// <summary>Organisation of the bucket, by name or id.</summary>
    public string? Org { get; set; }

    /// <summary>Whether requests are compressed.</summary>
    public bool Gzip { get; set; } = true;

    /// <summary>Share of one processor that working off a backlog may take.</summary>
    public double DrainShare { get; set; } = 0.25;

    /// <summary>API token (2.x and 3). Either this or a user with a password, or neither.</summary>
    public string? Token { get; set; }

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>Whether a missing database is created. Turn it off where the hub's user is no administrator.</summary>
    public bool CreateDatabase { get; set; } = true;

    /// <summary>Whether points go to a bucket by <c>/api/v2/write</c>.</summary>
    internal bool UsesBuckets => !string.IsNullOrEmpty(Bucket);

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

        if (UsesBuckets)
        {
            if (!string.IsNullOrEmpty(Database))
                errors.Add("Influx Bucket and Database exclude each other: a bucket is written to by /api/v2/write, a database by /write.");
            if (string.IsNullOrWhiteSpace(Org))
                errors.Add("Influx Bucket needs Org, the organisation that it belongs to.");
        }
        else if (!string.IsNullOrEmpty(Org))
        {
            errors.Add("Influx Org is given without Bucket.");
        }

        if (DrainShare is not (>= 0.01 and <= 1))
            errors.Add($"Influx DrainShare is {DrainShare}; 0.01 to 1 is allowed (1 is all of one processor).");
        if (UsesBuckets)
            Check(errors, "Bucket", Bucket!);
        else if (string.IsNullOrWhiteSpace(Database))
            errors.Add("Influx Database is missing.");
        else
            Check(errors, "Database", Database);
        CheckSignIn(errors);
        return errors;
    }

    private static void Check(List<string> errors, string what, string name)
    {
        if (name.AsSpan().ContainsAnyInRange('\0', '\x1F'))
            errors.Add($"Influx {what} must not hold control characters.");
    }

    private void CheckSignIn(List<string> errors)
    {
        var hasUser = !string.IsNullOrEmpty(User);
        var hasPassword = !string.IsNullOrEmpty(Password);
        if (!string.IsNullOrEmpty(Token) && (hasUser || hasPassword))
            errors.Add("Influx Token and User/Password exclude each other.");
        if (hasUser != hasPassword)
            errors.Add(hasUser ? "Influx User is given without Password." : "Influx Password is given without User.");
        if (hasUser && User!.Contains(':', StringComparison.Ordinal))
            errors.Add("Influx User must not hold a colon (HTTP Basic authentication).");
    }
}
