using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Health;
using CareHub.Core.Telemetry;

namespace CareHub.Core.Triage;

/// <summary>
/// Rules for some devices only. What it names must all fit; what it leaves out does not matter. It changes only what it
/// says.
/// </summary>
/// <param name="Name">Name that decisions quote.</param>
/// <param name="Apply">The rules with this override on top.</param>
internal sealed record RuleOverride(string Name, Func<TriageRules, TriageRules> Apply)
{
    public string? RegionId { get; init; }

    public string? SiteId { get; init; }

    public string? DeviceKind { get; init; }

    public string? DeviceId { get; init; }

    /// <summary>Local hours in which it applies, over midnight if the end is before the start; null: always.</summary>
    public (TimeOnly From, TimeOnly To)? Hours { get; init; }
}

/// <summary>
/// All rules of the hub. Overrides apply on top of the defaults from the general to the particular: regions from the root
/// down, then site, then device kind, then device; of two alike, the later in the file wins.
/// </summary>
internal sealed class RuleBook
{
    private readonly TriageRules _defaults;
    private readonly ImmutableArray<RuleOverride> _overrides;
    private readonly FrozenDictionary<string, EscalationPolicy> _policies;

    /// <summary>What has been composed before, by the positions of the overrides that fit; the result is the same, only sooner.</summary>
    private readonly ConcurrentDictionary<string, TriageRules> _composed = new(StringComparer.Ordinal);

    /// <param name="source">The text they were read from, to be kept beside what they decided; empty for the default table.</param>
    public RuleBook(TriageRules defaults, ImmutableArray<RuleOverride> overrides, string version, string source = "")
    {
        (_defaults, _overrides, Version, Source) = (defaults, overrides, version, source);
        _policies = overrides.Select(each => each.Apply(defaults)).Prepend(defaults)
            .SelectMany(rules => rules.Escalation.Values)
            .DistinctBy(policy => policy.Name)
            .ToFrozenDictionary(policy => policy.Name, StringComparer.Ordinal);
        WatchedReadings = overrides.Select(each => each.Apply(defaults)).Prepend(defaults)
            .SelectMany(rules => rules.Health.Vital.Keys.Concat(rules.Health.Inactivity.Readings).Append(ReadingNames.Battery))
            .ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The default table, without overrides.</summary>
    public static RuleBook Default { get; } = new(new TriageRules(), [], "built-in");

    /// <summary>Names this set of rules: a hash of the file.</summary>
    public string Version { get; }

    public string Source { get; }

    public TriageRules Defaults => _defaults;

    /// <summary>Names of readings that some health rule looks at, for some device.</summary>
    public FrozenSet<string> WatchedReadings { get; }

    public int Overrides => _overrides.Length;

    public TriageRules For(DeviceFacts device, DateTimeOffset now)
    {
        foreach (var each in _overrides)
        {
            if (Fits(each, device, now))
            {
                return Compose(device, now);
            }
        }

        return _defaults;
    }

    private TriageRules Compose(DeviceFacts device, DateTimeOffset now)
    {
        var fitting = _overrides.Where(each => Fits(each, device, now)).OrderBy(each => Rank(each, device)).ToList();
        return _composed.GetOrAdd(string.Join('\u001F', fitting.Select(each => each.Name)), _ => fitting.Aggregate(_defaults, (rules, each) => each.Apply(rules)));
    }

    /// <summary>An alarm keeps the policy it was raised under; one that the rules no longer know gets its priority's.</summary>
    public EscalationPolicy PolicyOf(Alarm alarm) => _policies.GetValueOrDefault(alarm.Policy) ?? _defaults.Escalation[alarm.Priority];

    private bool Fits(RuleOverride each, DeviceFacts device, DateTimeOffset now) =>
        (each.RegionId is null || device.RegionPath.Contains(each.RegionId, StringComparer.Ordinal))
        && (each.SiteId is null || each.SiteId == device.SiteId)
        && (each.DeviceKind is null || each.DeviceKind == device.Kind)
        && (each.DeviceId is null || each.DeviceId == device.Id)
        && (each.Hours is not { } hours || TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, _defaults.TimeZone).DateTime).IsBetween(hours.From, hours.To));

    /// <summary>The particular comes last, and so has the last word.</summary>
    private static int Rank(RuleOverride each, DeviceFacts device)
    {
        const int OfSite = 1_000;
        return each switch
        {
            { DeviceId: not null } => OfSite + 2,
            { DeviceKind: not null } => OfSite + 1,
            { SiteId: not null } => OfSite,
            { RegionId: { } region } => device.RegionPath.IndexOf(region),
            _ => -1,
        };
    }
}
