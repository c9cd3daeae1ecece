using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Core.Escalation;

/// <summary>
/// Unseen escalates. Three silences are watched, one at a time: nobody has answered (tier after tier), somebody has
/// acknowledged and nobody claims, somebody has claimed and does nothing.
/// </summary>
internal static class Escalator
{
    /// <summary>When the alarm moves by itself if nothing happens before; null when it waits for nobody.</summary>
    public static DateTimeOffset? NextAt(Alarm alarm, EscalationPolicy policy)
    {
        if (!alarm.IsOpen || alarm.Suppression is not null)
        {
            return null;
        }

        if (!IsAnswered(alarm))
        {
            return NextTier(alarm, policy) is { } tier ? alarm.AnnunciatedAt + policy.Tiers[tier].After : null;
        }

        if (alarm.ClaimedBy is null)
        {
            return policy.UnclaimedMax is { } unclaimed ? LeftAt(alarm) + unclaimed : null;
        }

        return alarm.Stage switch
        {
            ResponseStage.Claimed when policy.ClaimReminder is { } reminder =>
                alarm.ProgressAt + reminder + (alarm.Reminded ? policy.ClaimGrace : TimeSpan.Zero),
            ResponseStage.Dispatched when !alarm.Reminded => alarm.ProgressAt + policy.ReceiptMax,

            // Somebody is on the way or there: measured, and not hurried.
            _ => null,
        };
    }

    /// <summary>What is due by now, in order.</summary>
    public static ImmutableArray<AlarmChange> Due(Alarm alarm, EscalationPolicy policy, DateTimeOffset now)
    {
        var changes = ImmutableArray.CreateBuilder<AlarmChange>();
        while (NextAt(alarm, policy) is { } at && at <= now)
        {
            var change = Move(alarm, policy, now);
            changes.Add(change);
            alarm = change.Alarm;
        }

        return changes.ToImmutable();
    }

    /// <summary>
    /// Where no console covers the site, at whatever level, nobody will see or answer: what cannot wait goes straight to whoever
    /// is told by other means. Where only the near desk is away, a wider one covers the site and sounds at once.
    /// </summary>
    public static AlarmChange? WithoutDesk(Alarm alarm, EscalationPolicy policy, DateTimeOffset now)
    {
        if (!alarm.IsOpen || alarm.Priority > Priority.High || alarm.Suppression is not null || IsAnswered(alarm)
            || alarm.EscalatedTo is (EscalationTarget.Supervisor or EscalationTarget.Contacts) || NextTier(alarm, policy) is not { } next)
        {
            return null;
        }

        var tier = next;
        while (tier < policy.Tiers.Length - 1 && policy.Tiers[tier].Target is (EscalationTarget.Region or EscalationTarget.NextLevel))
        {
            tier++;
        }

        return Escalate(alarm, policy, tier, now, "no_desk");
    }

    private static AlarmChange Move(Alarm alarm, EscalationPolicy policy, DateTimeOffset now)
    {
        if (!IsAnswered(alarm))
        {
            var tier = NextTier(alarm, policy)!.Value;
            return Escalate(alarm, policy, tier, now, $"{Words<EscalationClock>.Of(policy.Tiers[tier].Clock)}:{policy.Tiers[tier].After.TotalSeconds:0}s");
        }

        if (alarm.ClaimedBy is not { } owner)
        {
            return AlarmChanges.Mark(alarm, AlarmEvent.Reannunciated, now, Author.Hub, "acknowledged_unclaimed").Annunciate(now);
        }

        if (alarm.Stage == ResponseStage.Dispatched)
        {
            return AlarmChanges.Mark(alarm with { Reminded = true }, AlarmEvent.Reminded, now, Author.Hub, $"no_receipt:{alarm.AssignedTo?.User}");
        }

        return alarm.Reminded
            ? AlarmChanges.Decide(alarm with { ClaimedBy = null, Stage = ResponseStage.None, Reminded = false }, AlarmEvent.Released, now, Author.Hub, $"no_progress:{owner.User}").Annunciate(now)
            : AlarmChanges.Mark(alarm with { Reminded = true }, AlarmEvent.Reminded, now, Author.Hub, $"no_progress:{owner.User}");
    }

    private static AlarmChange Escalate(Alarm alarm, EscalationPolicy policy, int tier, DateTimeOffset now, string silence)
    {
        var target = policy.Tiers[tier].Target;
        var escalated = alarm with { Tier = tier + 1, EscalatedAt = now, EscalatedTo = target };
        return AlarmChanges.Mark(escalated, AlarmEvent.Escalated, now, Author.Hub, $"policy:{policy.Name}:{silence}:{Words<EscalationTarget>.Of(target)}");
    }

    /// <summary>Since when nobody has had it: acknowledged, or given back after that.</summary>
    private static DateTimeOffset LeftAt(Alarm alarm)
    {
        var acknowledged = alarm.AcknowledgedBy!.Value.At;
        return alarm.ProgressAt > acknowledged ? alarm.ProgressAt.Value : acknowledged;
    }

    /// <summary>A claim older than the annunciation is no answer to it: the call came again after somebody had taken it.</summary>
    private static bool IsAnswered(Alarm alarm) => alarm.Acknowledged || alarm.ClaimedBy?.At >= alarm.AnnunciatedAt;

    /// <summary>
    /// Index of the next tier; a tier for the unseen is passed over once the alarm has been seen, and one that would turn to fewer
    /// consoles than have heard of it already.
    /// </summary>
    private static int? NextTier(Alarm alarm, EscalationPolicy policy)
    {
        bool MayCome(int tier) => policy.Tiers[tier].Clock == EscalationClock.Unacknowledged || !alarm.Seen;

        // Rules that came while it was open may say early what those before said late: whoever was to be told is told all the same.
        for (var tier = 0; tier < Math.Min(alarm.Tier, policy.Tiers.Length); tier++)
        {
            if (MayCome(tier) && IsWider(policy.Tiers[tier], alarm))
            {
                return tier;
            }
        }

        for (var tier = alarm.Tier; tier < policy.Tiers.Length; tier++)
        {
            if (MayCome(tier) && ConsolesOf(policy.Tiers[tier].Target) >= ConsolesOf(alarm.EscalatedTo))
            {
                return tier;
            }
        }

        return null;
    }

    private static bool IsWider(EscalationTier tier, Alarm alarm) =>
        ConsolesOf(tier.Target) > ConsolesOf(alarm.EscalatedTo) || (tier.Target > alarm.EscalatedTo && alarm.AnnunciatedAt + tier.After > alarm.EscalatedAt);

    /// <summary>At which consoles it sounds: supervisors and contacts are told by other means, and either way it sounds at all of them.</summary>
    private static int ConsolesOf(EscalationTarget? target) => target switch
    {
        null => 0,
        EscalationTarget.Region => 1,
        EscalationTarget.NextLevel => 2,
        _ => 3,
    };
}
