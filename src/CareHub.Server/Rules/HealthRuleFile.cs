using System.Collections.Immutable;
using CareHub.Core.Health;
using CareHub.Core.Telemetry;

namespace CareHub.Server.Rules;

/// <summary>Reads <c>health</c> of the rule file, in its defaults and in overrides.</summary>
internal static class HealthRuleFile
{
    private const int VitalMax = 50;
    private const int ReadingsMax = 10;
    private const double ValueMax = 1e6;

    /// <summary>The change that the part makes; what it leaves out stays as it was.</summary>
    /// <param name="node">The part; null when there is none.</param>
    /// <param name="defaults">What it changes as a rule: limits that contradict each other are found against these.</param>
    public static Func<HealthRules, HealthRules> Of(RuleNode? node, HealthRules defaults)
    {
        if (node is null)
        {
            return static rules => rules;
        }

        var vital = VitalOf(node.Child("vital"), defaults);
        var battery = BatteryOf(node.Child("battery"));
        var inactivity = InactivityOf(node.Child("inactivity"), defaults.Inactivity);
        node.NothingElse();
        return rules => rules with { Vital = vital(rules.Vital), Battery = battery(rules.Battery), Inactivity = inactivity(rules.Inactivity) };
    }

    private static Func<ImmutableSortedDictionary<string, VitalRule>, ImmutableSortedDictionary<string, VitalRule>> VitalOf(RuleNode? node, HealthRules defaults)
    {
        var changes = new Dictionary<string, Func<VitalRule, VitalRule>?>(StringComparer.Ordinal);
        foreach (var (name, rule) in node?.Pairs() ?? [])
        {
            if (!ReadingNames.IsName(name) || changes.Count == VitalMax)
            {
                rule.Wrong($"'{name}' must be the name of a reading, such as heart_rate; at most {VitalMax} may be named");
                continue;
            }

            changes[name] = RuleOf(rule, defaults.Vital.GetValueOrDefault(name));
        }

        return rules =>
        {
            foreach (var (name, change) in changes)
            {
                rules = change is null ? rules.Remove(name) : rules.SetItem(name, change(rules.GetValueOrDefault(name) ?? new VitalRule()));
            }

            return rules;
        };
    }

    /// <summary>The change, or null when the reading is to be left out.</summary>
    private static Func<VitalRule, VitalRule>? RuleOf(RuleNode node, VitalRule? before)
    {
        var below = node.Child("below")?.Number(-ValueMax, ValueMax);
        var above = node.Child("above")?.Number(-ValueMax, ValueMax);
        var margin = node.Child("margin")?.Number(0, ValueMax);
        var stands = node.Child("for")?.Duration();
        var calm = node.Child("calm")?.Duration();
        var off = node.Child("off")?.Flag();
        node.NothingElse();
        if (off == true)
        {
            return null;
        }

        VitalRule Apply(VitalRule rule) => rule with
        {
            Below = below ?? rule.Below,
            Above = above ?? rule.Above,
            Margin = margin ?? rule.Margin,
            For = stands ?? rule.For,
            Calm = calm ?? rule.Calm,
        };
        var after = Apply(before ?? new VitalRule());
        if (after is { Below: null, Above: null })
        {
            node.Wrong("needs 'below' or 'above'");
        }
        else if (after.Below + after.Margin > after.Above - after.Margin)
        {
            node.Wrong($"between {after.Below} and {after.Above} there is no value that is {after.Margin} inside both");
        }

        return Apply;
    }

    private static Func<BatteryRule, BatteryRule> BatteryOf(RuleNode? node)
    {
        var below = node?.Child("below")?.Number(0, 100);
        var days = node?.Child("days_left")?.Number(0, 365);
        node?.NothingElse();
        return rule => new(below ?? rule.Below, days ?? rule.DaysLeft);
    }

    private static Func<InactivityRule, InactivityRule> InactivityOf(RuleNode? node, InactivityRule before)
    {
        var readings = node?.Child("readings") is { } list ? NamesOf(list) : (ImmutableArray<string>?)null;
        var stands = node?.Child("fixed")?.Duration();
        var learn = node?.Child("learn_days")?.Count(1, (int)ActivityPattern.Memory.TotalDays);
        var factor = node?.Child("factor")?.Number(1, 10);
        var least = node?.Child("at_least")?.Duration();
        var most = node?.Child("at_most")?.Duration();
        node?.NothingElse();
        InactivityRule Apply(InactivityRule rule) => rule with
        {
            Readings = readings ?? rule.Readings,
            Fixed = stands ?? rule.Fixed,
            LearnDays = learn ?? rule.LearnDays,
            Factor = factor ?? rule.Factor,
            AtLeast = least ?? rule.AtLeast,
            AtMost = most ?? rule.AtMost,
        };
        var after = Apply(before);
        if (after.AtLeast > after.AtMost)
        {
            node?.Wrong("'at_least' must not be longer than 'at_most'");
        }

        return Apply;
    }

    private static ImmutableArray<string> NamesOf(RuleNode list)
    {
        var names = list.Items().Select(item => item.Text()).OfType<string>().ToImmutableArray();
        if (names.Length > ReadingsMax || !names.All(name => ReadingNames.IsName(name)))
        {
            list.Wrong($"must be at most {ReadingsMax} names of readings, such as motion");
        }

        return names;
    }
}
