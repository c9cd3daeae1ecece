using System.Collections.Immutable;
using CareHub.Core.Escalation;

namespace CareHub.Server.Rules;

/// <summary>Reads what is said of an escalation policy. Tiers that are given replace all tiers of the one it changes.</summary>
internal static class EscalationRules
{
    private const int TiersMax = 16;

    /// <param name="suffix">Name of the override that says it; null for the defaults.</param>
    public static Func<EscalationPolicy, EscalationPolicy> PolicyOf(RuleNode node, string? suffix)
    {
        var tiers = node.Child("tiers") is { } list ? TiersOf(list) : (ImmutableArray<EscalationTier>?)null;
        var reminder = node.Child("claim_reminder")?.Duration();
        var grace = node.Child("claim_grace")?.Duration();
        var receipt = node.Child("receipt")?.Duration();
        var unclaimed = node.Child("unclaimed")?.Duration();
        node.NothingElse();

        // An alarm that sounds anew in the very moment in which it was answered would do nothing else.
        if (unclaimed <= TimeSpan.Zero || reminder <= TimeSpan.Zero || grace <= TimeSpan.Zero)
        {
            node.Wrong("claim_reminder, claim_grace and unclaimed must be at least 1s");
        }

        return before => before with
        {
            Name = suffix is null ? before.Name : $"{before.Name}@{suffix}",
            Tiers = tiers ?? before.Tiers,
            ClaimReminder = reminder ?? before.ClaimReminder,
            ClaimGrace = grace ?? before.ClaimGrace,
            ReceiptMax = receipt ?? before.ReceiptMax,
            UnclaimedMax = unclaimed ?? before.UnclaimedMax,
        };
    }

    private static ImmutableArray<EscalationTier> TiersOf(RuleNode list)
    {
        var tiers = ImmutableArray.CreateBuilder<EscalationTier>();
        foreach (var item in list.Items())
        {
            var unseen = item.Child("unseen")?.Duration();
            var unacknowledged = item.Child("unacknowledged")?.Duration();
            var target = item.Child("to")?.Word<EscalationTarget>();
            item.NothingElse();
            if (unseen is null == unacknowledged is null || target is null)
            {
                item.Wrong("needs either 'unseen' or 'unacknowledged', and 'to'");
                continue;
            }

            tiers.Add(new(unseen is null ? EscalationClock.Unacknowledged : EscalationClock.Unseen, (unseen ?? unacknowledged)!.Value, target.Value));
        }

        if (!tiers.Select(tier => tier.After).SequenceEqual(tiers.Select(tier => tier.After).Order()))
        {
            list.Wrong("the tiers must stand in the order of their times");
        }

        // The consoles at which an alarm sounds follow from the last tier it has passed.
        if (!tiers.Select(ConsolesOf).SequenceEqual(tiers.Select(ConsolesOf).Order()))
        {
            list.Wrong("a later tier must not turn to fewer consoles than one before it: region, next_level, then supervisor or contacts");
        }

        if (tiers.Count > TiersMax)
        {
            list.Wrong($"{tiers.Count} tiers; {TiersMax} are allowed");
        }

        return tiers.ToImmutable();
    }

    /// <summary>Supervisors and contacts are reached by other means than consoles; either sounds at all of them.</summary>
    private static EscalationTarget ConsolesOf(EscalationTier tier) => tier.Target == EscalationTarget.Contacts ? EscalationTarget.Supervisor : tier.Target;
}
