using System.Net;
using CareHub.Core.Telemetry;
using CareHub.Server.Bridge;
using CareHub.Server.Metrics;
using CareHub.Server.Notifications;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Server.Configuration;

/// <summary>What a person configures, under <c>CareHub</c> (<c>CareHub__DataDirectory</c> in the environment).</summary>
internal sealed class HubOptions
{
    public const string Section = "CareHub";

    /// <summary>Folder for everything the hub keeps.</summary>
    public string DataDirectory { get; set; } = "data";

    public MqttOptions Mqtt { get; set; } = new();

    /// <summary>The hub's web address as installers and devices reach it; that of the request when it is not given.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; set; }

    /// <summary>Loads the demo city into an empty data directory.</summary>
    public bool Demo { get; set; }

    /// <summary>Password of the demo users; a random one is printed when it is not given.</summary>
    public string? DemoPassword { get; set; }

    /// <summary>Time zone of the sites, an IANA name: decides what is night and when a day ends.</summary>
    public string TimeZone { get; set; } = "Asia/Shanghai";

    /// <summary>The triage rules; <c>rules.yaml</c> in the data directory when there is one, else the file that ships.</summary>
    public string? Rules { get; set; }

    /// <summary>Telemetry goes to InfluxDB when its URL is set.</summary>
    public InfluxOptions? Influx { get; set; }

    /// <summary>Where readings are durable before any store has them.</summary>
    public SpoolOptions Spool { get; set; } = new();

    public RetentionOptions Retention { get; set; } = new();

    public MetricsOptions Metrics { get; set; } = new();

    /// <summary>Existing brokers that the hub takes messages from.</summary>
    public IList<BridgeOptions> Bridges { get; } = [];

    public sealed class MqttOptions
    {
        /// <summary>Addresses and ports, separated by commas.</summary>
        public string Listen { get; set; } = "127.0.0.1:1883";

        /// <summary>MQTT over TLS when it is configured.</summary>
        public TlsOptions? Tls { get; set; }

        /// <summary>MQTT over WebSocket at <c>/mqtt</c> of the web endpoint.</summary>
        public bool WebSocket { get; set; } = true;

        public MqttLimitOptions Limits { get; set; } = new();

        /// <summary><see cref="Listen"/>, parsed; empty when it is not valid.</summary>
        public IReadOnlyList<IPEndPoint> Endpoints => TryParseListen(Listen, out var endpoints, out _) ? endpoints : [];
    }

    public sealed class RetentionOptions
    {
        /// <summary>Readings one by one.</summary>
        public int ReadingsHours { get; set; } = 30 * 24;

        /// <summary>What is summed up of them by the minute.</summary>
        public int MinuteDays { get; set; } = 60;

        /// <summary>By the quarter of an hour.</summary>
        public int QuarterDays { get; set; } = 366;

        /// <summary>By the hour.</summary>
        public int HourDays { get; set; } = 5 * 366;

        /// <summary>By the day.</summary>
        public int DayDays { get; set; } = 10 * 366;

        public int QuarantineDays { get; set; } = 30;

        public TelemetryRetention Telemetry => new()
        {
            Readings = TimeSpan.FromHours(ReadingsHours),
            Minutes = TimeSpan.FromDays(MinuteDays),
            Quarters = TimeSpan.FromDays(QuarterDays),
            Hours = TimeSpan.FromDays(HourDays),
            Days = TimeSpan.FromDays(DayDays),
        };

        public IEnumerable<string> Validate()
        {
            if (ReadingsHours is < 1 or > 24 * 366)
            {
                yield return $"ReadingsHours is {ReadingsHours}; 1–{24 * 366} are allowed";
            }

            if (QuarantineDays is < 1 or > 3660)
            {
                yield return $"QuarantineDays is {QuarantineDays}; 1–3660 are allowed";
            }

            const int DaysMax = 50 * 366;
            foreach (var (name, days, finer) in new[] { (nameof(MinuteDays), MinuteDays, 1), (nameof(QuarterDays), QuarterDays, MinuteDays), (nameof(HourDays), HourDays, QuarterDays), (nameof(DayDays), DayDays, HourDays) })
            {
                if (days < finer || days > DaysMax)
                {
                    yield return $"{name} is {days}; {finer}–{DaysMax} are allowed, what is coarser being kept no shorter";
                }
            }
        }
    }

    /// <summary>How people are told who are not at a console.</summary>
    public NotifyOptions Notify { get; set; } = new();

    /// <summary>Everything that is wrong, at once.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(DataDirectory))
        {
            errors.Add("CareHub:DataDirectory is empty; give the folder in which the hub keeps its data");
        }

        if (!TryParseListen(Mqtt.Listen, out _, out var listenError))
        {
            errors.Add($"CareHub:Mqtt:Listen: {listenError}");
        }

        errors.AddRange((Mqtt.Tls?.Validate() ?? []).Select(error => $"CareHub:Mqtt:Tls: {error}"));
        errors.AddRange(Mqtt.Limits.Validate().Select(error => $"CareHub:Mqtt:Limits: {error}"));
        if (PublicUrl is not null && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            errors.Add($"CareHub:PublicUrl: '{PublicUrl}' is not an http or https address such as https://care.example.org");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            errors.Add($"CareHub:TimeZone: '{TimeZone}' is not a time zone this system knows; give an IANA name such as Asia/Shanghai");
        }

        if (Rules is not null && !File.Exists(Rules))
        {
            errors.Add($"CareHub:Rules: the file '{Rules}' does not exist");
        }

        if (DemoPassword is { Length: > 0 and < 8 })
        {
            errors.Add("CareHub:DemoPassword must have at least 8 characters");
        }

        errors.AddRange(Retention.Validate().Select(error => $"CareHub:Retention:{error}"));

        if (Influx is not null)
        {
            errors.AddRange(Influx.Validate().Select(error => $"CareHub:Influx: {error}"));
        }

        errors.AddRange(Spool.Validate().Select(error => $"CareHub:Spool: {error}"));
        errors.AddRange(Metrics.Validate().Select(error => $"CareHub:Metrics:{error}"));
        errors.AddRange(BridgeOptions.Validate(Bridges));
        errors.AddRange(Notify.Validate());

        return errors;
    }

    public static bool TryParseListen(string text, out IReadOnlyList<IPEndPoint> endpoints, out string? error)
    {
        var parsed = new List<IPEndPoint>();
        endpoints = parsed;
        error = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.LastIndexOf(':');
            var host = colon > 0 ? part[..colon].Trim('[', ']') : "";
            host = host switch { "localhost" => "127.0.0.1", "*" => "0.0.0.0", _ => host };
            if (colon <= 0 || !IPAddress.TryParse(host, out var address) || !ushort.TryParse(part[(colon + 1)..], out var port))
            {
                error = $"'{part}' is not ADDRESS:PORT, for example 127.0.0.1:1883 or 0.0.0.0:1883";
                return false;
            }

            parsed.Add(new IPEndPoint(address, port));
        }

        error = parsed.Count == 0 ? "it is empty; give at least one ADDRESS:PORT, for example 127.0.0.1:1883" : null;
        return error is null;
    }
}
