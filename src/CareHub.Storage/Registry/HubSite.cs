namespace CareHub.Storage.Registry;

/// <summary>
/// The hub itself as a place that alarms can be about: a reserved site in the root region, so that whoever sees everything
/// sees it. It exists in every snapshot and in no table: nobody can log in as one of its parts, publish for it, or edit it.
/// </summary>
internal static class HubSite
{
    public const string Id = "hub";
    public const string Kind = "hub";
    public const string Name = "CareHub 本机";

    /// <summary>Kind of its parts as consoles see it; they translate the part's id and the reason.</summary>
    public const string PartKind = "hub_part";

    /// <summary>The TLS certificate that devices see.</summary>
    public const string Certificate = "hub-certificate";
    public const string Disk = "hub-disk";
    public const string Clock = "hub-clock";

    /// <summary>The duty desks, taken together.</summary>
    public const string Duty = "hub-duty";
    public const string Influx = "hub-influx";

    /// <summary>Where readings are durable before a store has them.</summary>
    public const string Spool = "hub-spool";

    /// <summary>The connections to other brokers, taken together.</summary>
    public const string Bridge = "hub-bridge";

    /// <summary>What tells people who are not at a console.</summary>
    public const string Notify = "hub-notify";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        [Certificate] = "TLS 证书",
        [Disk] = "数据盘",
        [Clock] = "系统时钟",
        [Influx] = "InfluxDB",
        [Spool] = "遥测缓存",
        [Duty] = "值班台",
        [Bridge] = "消息桥接",
        [Notify] = "外部通知",
    };

    public static IEnumerable<string> Parts => Names.Keys;

    public static bool IsPart(string id) => Names.ContainsKey(id);

    public static string NameOf(string part) => Names.GetValueOrDefault(part, part);
}
