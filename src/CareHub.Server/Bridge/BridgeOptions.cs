using System.Security.Cryptography;
using CareHub.Mqtt.Client;

namespace CareHub.Server.Bridge;

/// <summary>What a person writes about an existing broker that the hub is to take messages from, under <c>CareHub:Bridges:0</c>.</summary>
internal sealed class BridgeOptions
{
    private const int NameCharsMax = 40;
    private const uint DaySeconds = 24 * 60 * 60;
    private static readonly string[] DefaultSignalFilters = ["care/v1/+/signal", "care/v1/+/status"];
    private static readonly string[] DefaultTelemetryFilters = ["care/v1/+/reading"];

    /// <summary>How logs and the status call it: small letters, digits and hyphens.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>mqtt://</c>, <c>mqtts://</c>, <c>ws://</c> or <c>wss://</c>, with a host and perhaps a port and (WebSocket) a path.</summary>
    public string Url { get; set; } = "";

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>Names this hub to the other broker, which keeps what it missed under it; each lane adds its own suffix.</summary>
    public string? ClientId { get; set; }

    /// <summary>PEM file of the authorities to trust instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>PEM file of the hub's own certificate, and what leads from it to its authority.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file of its private key.</summary>
    public string? KeyFile { get; set; }

    /// <summary>What must never wait. Nothing given means the hub's native signals and status.</summary>
    public IList<string> SignalFilters { get; } = [];

    /// <summary>What may wait. Nothing given means the hub's native readings; one empty entry means none.</summary>
    public IList<string> TelemetryFilters { get; } = [];

    /// <summary>Several hubs of the same group share the messages.</summary>
    public string? SharedGroup { get; set; }

    /// <summary><c>5</c> or <c>3.1.1</c>.</summary>
    public string Version { get; set; } = "5";

    /// <summary>Highest quality of service wanted; 0 gives the promise up that nothing is lost on the way.</summary>
    public int Qos { get; set; } = 1;

    /// <summary>How long the other broker keeps messages while the hub is away; 5.0 only, with 3.1.1 that broker's settings decide.</summary>
    public uint SessionExpirySeconds { get; set; } = 7 * DaySeconds;

    public int KeepAliveSeconds { get; set; } = 30;

    public MqttVersion ProtocolVersion => Version == "3.1.1" ? MqttVersion.V311 : MqttVersion.V5;

    public Uri Address => new(Url);

    public bool UsesTls => Address.Scheme is "mqtts" or "wss";

    /// <summary>The filters of a lane, without the prefix of a shared subscription.</summary>
    public IReadOnlyList<string> FiltersOf(BridgeLane lane)
    {
        var (given, otherwise) = lane == BridgeLane.Signals ? (SignalFilters, DefaultSignalFilters) : (TelemetryFilters, DefaultTelemetryFilters);
        return given.Count == 0 ? otherwise : [.. given.Where(filter => filter.Length > 0)];
    }

    /// <summary>Everything that is wrong with all of them, at once.</summary>
    public static IEnumerable<string> Validate(IList<BridgeOptions> bridges)
    {
        var errors = bridges.SelectMany((bridge, index) => bridge.Validate().Select(error => $"CareHub:Bridges:{index}:{error}"));
        var twice = bridges.GroupBy(bridge => bridge.Name, StringComparer.Ordinal).Where(group => group.Count() > 1 && group.Key.Length > 0);
        return errors.Concat(twice.Select(group => $"CareHub:Bridges: the name '{group.Key}' is used {group.Count()} times"));
    }

    private IEnumerable<string> Validate()
    {
        if (Name.Length is 0 or > NameCharsMax || !Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
        {
            yield return $"Name: '{Name}' is not 1–{NameCharsMax} small letters, digits and hyphens";
        }

        var urlError = UrlError();
        if (urlError is not null)
        {
            yield return $"Url: {urlError}";
        }

        if (!string.IsNullOrEmpty(Password) && string.IsNullOrEmpty(User))
        {
            yield return "User: missing, although a Password is given";
        }

        if (Version is not ("5" or "3.1.1"))
        {
            yield return $"Version: '{Version}' is not 5 or 3.1.1";
        }

        if (Qos is < 0 or > 2)
        {
            yield return $"Qos: {Qos} is not 0, 1 or 2";
        }

        if (KeepAliveSeconds is < 5 or > ushort.MaxValue)
        {
            yield return $"KeepAliveSeconds: {KeepAliveSeconds} is not 5–{ushort.MaxValue}";
        }

        if (SharedGroup is not null && (SharedGroup.Length == 0 || SharedGroup.AsSpan().ContainsAny("/+#")))
        {
            yield return $"SharedGroup: '{SharedGroup}' is empty or holds one of / + #";
        }

        foreach (var error in FilterErrors().Concat(urlError is null ? CertificateErrors() : []))
        {
            yield return error;
        }
    }

    private string? UrlError() =>
        !Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("mqtt" or "mqtts" or "ws" or "wss") || url.Host.Length == 0
            ? $"'{Url}' is not mqtt://HOST:PORT, mqtts://, ws:// or wss://"
        : url.UserInfo.Length > 0
            ? "it must not hold a user or a password; use User and Password" // and must not be repeated here
        : url.Query.Length > 0 || url.Fragment.Length > 0 || (url.Scheme[0] == 'm' && url.AbsolutePath.Length > 1)
            ? $"'{Url}' has a path, query or fragment that means nothing"
        : null;

    private IEnumerable<string> FilterErrors()
    {
        var all = Enum.GetValues<BridgeLane>().SelectMany(FiltersOf).ToList();
        foreach (var filter in all.Where(filter => !BridgeFilters.IsValid(filter)))
        {
            yield return $"filter '{filter}' is not a topic filter (or has a $share prefix: use SharedGroup)";
        }

        if (FiltersOf(BridgeLane.Signals).Count == 0)
        {
            yield return "SignalFilters: empty; alarms come through these";
        }

        for (var one = 0; one < all.Count; one++)
        {
            for (var other = one + 1; other < all.Count; other++)
            {
                if (BridgeFilters.Overlap(all[one], all[other]))
                {
                    yield return $"filters '{all[one]}' and '{all[other]}' overlap: messages would come twice";
                }
            }
        }
    }

    private IEnumerable<string> CertificateErrors()
    {
        if (!UsesTls && (CaFile ?? CertificateFile ?? KeyFile) is not null)
        {
            return ["CaFile, CertificateFile and KeyFile need mqtts:// or wss://"];
        }

        if (CertificateFile is null != KeyFile is null)
        {
            return ["CertificateFile and KeyFile are given together or not at all"];
        }

        try
        {
            BridgeTls.OptionsOf(this);
            return [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return [$"a certificate or key cannot be read: {failure.Message}"];
        }
    }
}
