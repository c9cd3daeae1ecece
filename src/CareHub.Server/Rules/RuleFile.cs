using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Health;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CareHub.Server.Rules;

/// <summary>
/// Reads <c>rules.yaml</c>. What the file leaves out keeps its default; an override changes only what it names. Any error
/// makes the whole file invalid, and all errors are reported at once.
/// </summary>
internal static class RuleFile
{
    private const int OverridesMax = 10_000;

    /// <summary>The rules, or null and every error.</summary>
    public static RuleBook? Parse(string yaml, TimeZoneInfo zone, List<string> errors)
    {
        var book = Read(yaml, zone, errors);
        return errors.Count == 0 ? book : null;
    }

    /// <summary>Rules that have decided something: what a later program would refuse of them has held all the same.</summary>
    /// <exception cref="InvalidDataException">It is no YAML.</exception>
    public static RuleBook ParseRecorded(string yaml, TimeZoneInfo zone)
    {
        var errors = new List<string>();
        return Read(yaml, zone, errors) ?? throw new InvalidDataException(string.Join("; ", errors));
    }

    private static RuleBook? Read(string yaml, TimeZoneInfo zone, List<string> errors)
    {
        YamlNode root;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            root = stream.Documents.Count > 0 ? stream.Documents[0].RootNode : new YamlMappingNode();
        }
        catch (YamlException failure)
        {
            errors.Add($"line {failure.Start.Line}: {failure.Message}");
            return null;
        }

        var file = new RuleNode(root, "", errors);
        var defaults = Defaults(file, new TriageRules { TimeZone = zone });
        var overrides = Overrides(file.Child("overrides"), defaults);
        file.NothingElse();
        return new RuleBook(defaults, overrides, VersionOf(yaml), yaml);
    }

    private static string VersionOf(string yaml) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)).AsSpan(0, 6));

    private static TriageRules Defaults(RuleNode file, TriageRules rules)
    {
        if (file.Child("night") is { } night)
        {
            rules = rules with { NightFrom = night.Child("from")?.TimeOfDay() ?? rules.NightFrom, NightTo = night.Child("to")?.TimeOfDay() ?? rules.NightTo };
            night.NothingElse();
        }

        rules = rules with
        {
            RepeatWindow = file.Child("repeat_window")?.Duration() ?? rules.RepeatWindow,
            IncidentWindow = file.Child("incident_window")?.Duration() ?? rules.IncidentWindow,
            Inhibitions = file.Child("inhibit") is { } inhibit ? [.. inhibit.Items().Select(InhibitionOf).OfType<Inhibition>()] : rules.Inhibitions,
        };
        if (file.Child("coincidence") is { } coincidence)
        {
            rules = rules with
            {
                FireKinds = coincidence.Child("signals") is { } kinds ? KindsOf(kinds) : rules.FireKinds,
                CoincidenceWindow = coincidence.Child("within")?.Duration() ?? rules.CoincidenceWindow,
            };
            coincidence.NothingElse();
        }

        if (file.Child("chattering") is { } chattering)
        {
            rules = rules with
            {
                Chattering = new(
                    chattering.Child("more_than")?.Count(1, 1_000) ?? rules.Chattering.Max,
                    chattering.Child("within")?.Duration() ?? rules.Chattering.Window,
                    chattering.Child("calm")?.Duration() ?? rules.Chattering.Calm),
            };
            chattering.NothingElse();
        }

        if (file.Child("storm") is { } storm)
        {
            rules = rules with { Storm = new(storm.Child("more_than")?.Count(1, 100_000) ?? rules.Storm.Max, storm.Child("within")?.Duration() ?? rules.Storm.Window) };
            storm.NothingElse();
        }

        if (file.Child("outage") is { } outage)
        {
            rules = rules with
            {
                Outage = new(
                    outage.Child("devices")?.Count(2, 1_000_000) ?? rules.Outage.Devices,
                    outage.Child("sites")?.Count(1, 1_000_000) ?? rules.Outage.Sites,
                    outage.Child("within")?.Duration() ?? rules.Outage.Window,
                    outage.Child("grace")?.Duration() ?? rules.Outage.Grace),
            };
            outage.NothingElse();
        }

        return Apply(Part.Of(file, suffix: null, rules), rules);
    }

    private static ImmutableArray<RuleOverride> Overrides(RuleNode? list, TriageRules defaults)
    {
        if (list is null)
        {
            return [];
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var overrides = ImmutableArray.CreateBuilder<RuleOverride>();
        foreach (var item in list.Items())
        {
            var name = item.Child("name")?.Text();
            if (name is null || !names.Add(name))
            {
                item.Wrong(name is null ? "'name' is required" : $"the name '{name}' is given twice");
            }

            var part = Part.Of(item, name ?? "", defaults);
            var when = item.Child("when");
            var fitting = new RuleOverride(name ?? "", rules => Apply(part, rules))
            {
                RegionId = when?.Child("region")?.Text(),
                SiteId = when?.Child("site")?.Text(),
                DeviceKind = when?.Child("device_kind")?.Text(),
                DeviceId = when?.Child("device")?.Text(),
                Hours = when?.Child("hours")?.Hours(),
            };
            if (when is null)
            {
                item.Wrong("'when' is required: region, site, device_kind, device or hours");
            }

            when?.NothingElse();
            item.NothingElse();
            overrides.Add(fitting);
        }

        if (overrides.Count > OverridesMax)
        {
            list.Wrong($"{overrides.Count} overrides; {OverridesMax} are allowed");
        }

        return overrides.ToImmutable();
    }

    private static TriageRules Apply(Part part, TriageRules rules) => rules with
    {
        BySignal = part.Signals.Count == 0 ? rules.BySignal : part.Signals.Aggregate(
            rules.BySignal.ToDictionary(), (table, change) =>
            {
                table[change.Key] = change.Value(table.GetValueOrDefault(change.Key) ?? new SignalRule(Priority.High) { Name = Words<SignalKind>.Of(change.Key) });
                return table;
            }).ToFrozenDictionary(),
        Escalation = rules.Escalation.SetItems(part.Policies.Select(change => KeyValuePair.Create(change.Key, change.Value(rules.Escalation[change.Key])))),
        Health = part.Health(rules.Health),
    };

    private static Inhibition? InhibitionOf(RuleNode item)
    {
        var cause = item.Child("cause");
        var signal = cause?.Child("signal")?.Word<SignalKind>();
        var device = cause?.Child("device_kind")?.Text();
        var covers = item.Child("covers") is { } kinds ? KindsOf(kinds) : FrozenSet<SignalKind>.Empty;
        var scope = item.Child("scope")?.Word<InhibitionScope>();
        var grace = item.Child("grace")?.Duration() ?? TimeSpan.Zero;
        cause?.NothingElse();
        item.NothingElse();
        if (signal is null || scope is null || covers.Count == 0)
        {
            item.Wrong("needs 'cause' with 'signal', 'covers' and 'scope'");
            return null;
        }

        return new(signal.Value, device, covers, scope.Value, grace);
    }

    private static FrozenSet<SignalKind> KindsOf(RuleNode list) => list.Items().Select(item => item.Word<SignalKind>()).OfType<SignalKind>().ToFrozenSet();

    /// <summary>What the defaults and each override may say: signals, escalation and health.</summary>
    private sealed record Part(IReadOnlyDictionary<SignalKind, Func<SignalRule, SignalRule>> Signals, IReadOnlyDictionary<Priority, Func<EscalationPolicy, EscalationPolicy>> Policies, Func<HealthRules, HealthRules> Health)
    {
        public static Part Of(RuleNode node, string? suffix, TriageRules defaults)
        {
            var signals = new Dictionary<SignalKind, Func<SignalRule, SignalRule>>();
            foreach (var (word, rule) in node.Child("signals")?.Pairs() ?? [])
            {
                if (!Words<SignalKind>.TryParse(word, out var kind) || kind is SignalKind.Restore or SignalKind.Cancel or SignalKind.Test or SignalKind.Online)
                {
                    rule.Wrong($"'{word}' is no signal that raises an alarm");
                    continue;
                }

                signals[kind] = SignalOf(rule, suffix);
            }

            var policies = new Dictionary<Priority, Func<EscalationPolicy, EscalationPolicy>>();
            foreach (var (word, policy) in node.Child("escalation")?.Pairs() ?? [])
            {
                if (!Words<Priority>.TryParse(word, out var priority))
                {
                    policy.Wrong($"'{word}' must be one of {string.Join(", ", Words<Priority>.All)}");
                    continue;
                }

                policies[priority] = EscalationRules.PolicyOf(policy, suffix);
            }

            return new(signals, policies, HealthRuleFile.Of(node.Child("health"), defaults.Health));
        }

        private static Func<SignalRule, SignalRule> SignalOf(RuleNode rule, string? suffix)
        {
            var priority = rule.Child("priority")?.Word<Priority>();
            var others = rule.Child("other_devices")?.Word<Priority>();
            var unsure = rule.Child("unsure")?.Word<Priority>();
            var sureFrom = rule.Child("sure_from")?.Share();
            var latching = rule.Child("latching")?.Flag();
            var verify = rule.Child("verify")?.Duration();
            var delay = rule.Child("delay")?.Duration();
            var autoClose = rule.Child("auto_close")?.Flag();
            var night = rule.Child("only_at_night")?.Flag();
            rule.NothingElse();
            return before => before with
            {
                Name = suffix is null ? before.Name : $"{before.Name}@{suffix}",
                Priority = priority ?? before.Priority,
                PriorityWhenNotSafety = others ?? before.PriorityWhenNotSafety,
                PriorityWhenUnsure = unsure ?? before.PriorityWhenUnsure,
                SureFrom = sureFrom ?? before.SureFrom,
                Latching = latching ?? before.Latching,
                VerifyWindow = verify ?? before.VerifyWindow,
                RaiseDelay = delay ?? before.RaiseDelay,
                AutoCloseWhenLow = autoClose ?? before.AutoCloseWhenLow,
                OnlyAtNight = night ?? before.OnlyAtNight,
            };
        }
    }
}
