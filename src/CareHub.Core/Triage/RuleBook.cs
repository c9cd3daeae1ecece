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
/// down, then site, then device kind, then device; of two that name a kind the one that also names a site, or the smaller region;
/// of two alike, the later in the file wins.
/// </summary>
internal sealed class RuleBook
{
    private readonly TriageRules _defaults;
    private readonly ImmutableArray<RuleOverride> _overrides;
    private readonly FrozenDictionary<string, RuleOverride> _byName;

    /// <summary>Policies by the names that alarms keep; null for those that the rules no longer know.</summary>
    private readonly ConcurrentDictionary<string, EscalationPolicy?> _policies = new(StringComparer.Ordinal);

    /// <summary>What has been composed before, by the positions of the overrides that fit; the result is the same, only sooner.</summary>
    private readonly ConcurrentDictionary<string, TriageRules> _composed = new(StringComparer.Ordinal);

    /// <param name="source">The text they were read from, to be kept beside what they decided; empty for the default table.</param>
    public RuleBook(TriageRules defaults, ImmutableArray<RuleOverride> overrides, string version, string source = "")
    {
        (_defaults, _overrides, Version, Source) = (defaults, overrides, version, source);
        _byName = overrides.DistinctBy(each => each.Name).ToFrozenDictionary(each => each.Name, StringComparer.Ordinal);
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

    public ImmutableArray<RuleOverride> Overrides => _overrides;

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
    public EscalationPolicy PolicyOf(Alarm alarm)
    {
        if (!_policies.TryGetValue(alarm.Policy, out var policy))
        {
            policy = _policies.GetOrAdd(alarm.Policy, Named);
        }

        return policy ?? _defaults.Escalation[alarm.Priority];
    }

    /// <summary>
    /// A policy's name is its priority and the overrides that made it, in the order in which they applied: <c>critical@north@ward</c>.
    /// So it can be composed again after a restart, when only its name is known.
    /// </summary>
    private EscalationPolicy? Named(string name)
    {
        var parts = name.Split('@');
        var (rules, unknown) = (_defaults, "");
        foreach (var part in parts.Skip(1))
        {
            unknown += unknown.Length == 0 ? part : $"@{part}";
            if (_byName.TryGetValue(unknown, out var each))
            {
                (rules, unknown) = (each.Apply(rules), "");
            }
        }

        return unknown.Length > 0 ? null : rules.Escalation.Values.FirstOrDefault(policy => policy.Name == name);
    }

    private bool Fits(RuleOverride each, DeviceFacts device, DateTimeOffset now) =>
        (each.RegionId is null || device.RegionPath.Contains(each.RegionId, StringComparer.Ordinal))
        && (each.SiteId is null || each.SiteId == device.SiteId)
        && (each.DeviceKind is null || each.DeviceKind == device.Kind)
        && (each.DeviceId is null || each.DeviceId == device.Id)
        && (each.Hours is not { } hours || TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, _defaults.TimeZone).DateTime).IsBetween(hours.From, hours.To));

    /// <summary>
    /// The particular comes last, and so has the last word: whoever names a device before whoever names only a kind, and of those alike,
    /// whoever also names the site before whoever names a region or none.
    /// </summary>
    private static int Rank(RuleOverride each, DeviceFacts device)
    {
        // More than there are levels of regions.
        const int Place = 1_000;
        var where = each.SiteId is not null ? Place - 1 : each.RegionId is { } region ? 1 + device.RegionPath.IndexOf(region) : 0;
        var what = each.DeviceId is not null ? 2 : each.DeviceKind is not null ? 1 : 0;
        return (what * Place) + where;
    }
}
