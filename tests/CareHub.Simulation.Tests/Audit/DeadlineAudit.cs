using CareHub.Core.Alarms;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>Promise 3: what nobody has seen, answered or carried on with moves by itself, on time, and after a restart at once.</summary>
internal static class DeadlineAudit
{
    public static void Check(AuditedAlarm alarm, DateTimeOffset now, DateTimeOffset healthySince, TimeSpan grace, DateTimeOffset? emptySince)
    {
        if (alarm.SuppressedBy is not null)
        {
            return;
        }

        bool IsOver(DateTimeOffset due)
        {
            var counts = due > alarm.WatchedSince ? due : alarm.WatchedSince;
            return now > (counts > healthySince ? counts : healthySince) + grace;
        }

        if (!alarm.IsAnswered)
        {
            var isToldAtOnce = alarm.Priority <= Priority.High && emptySince < alarm.AnnunciatedAt;
            Require(
                !isToldAtOnce || alarm.EscalatedTo >= DesignTable.Supervisor || !IsOver(alarm.AnnunciatedAt),
                $"{alarm.Id} ({alarm.Priority}) sounds since {alarm.AnnunciatedAt:HH:mm:ss.fff} where nobody has sat since {emptySince:HH:mm:ss.fff}, and no supervisor was told");
            foreach (var tier in DesignTable.TiersOf(alarm.Priority))
            {
                var late = (!tier.OnlyUnseen || !alarm.IsSeen) && alarm.EscalatedTo < tier.Target && IsOver(alarm.AnnunciatedAt + TimeSpan.FromSeconds(tier.Seconds));
                Require(!late, $"{alarm.Id} ({alarm.Priority}) sounds since {alarm.AnnunciatedAt:HH:mm:ss.fff}, nobody answers, and at {now:HH:mm:ss.fff} it has not gone to {DesignTable.Targets[tier.Target]}");
            }
        }
        else if (alarm.Owner is null)
        {
            var left = alarm.ProgressAt > alarm.AcknowledgedAt ? alarm.ProgressAt.Value : alarm.AcknowledgedAt;
            var late = DesignTable.UnclaimedMax(alarm.Priority) is { } max && IsOver(left + max);
            Require(!late, $"{alarm.Id} is acknowledged since {left:HH:mm:ss.fff}, nobody has claimed it, and it does not sound anew");
        }
        else if (alarm.Stage == AlarmEvent.Claimed)
        {
            var late = DesignTable.ClaimMax(alarm.Priority) is { } max && IsOver(alarm.ProgressAt!.Value + max);
            Require(!late, $"{alarm.Id} is claimed by {alarm.Owner}, nothing has moved since {alarm.ProgressAt:HH:mm:ss.fff}, and it was not taken back");
        }
        else if (alarm is { Stage: AlarmEvent.Dispatched, IsReminded: false })
        {
            Require(!IsOver(alarm.ProgressAt!.Value + TimeSpan.FromSeconds(10)), $"{alarm.Id}: no receipt since {alarm.ProgressAt:HH:mm:ss.fff}, and nobody was told");
        }
    }

    private static void Require(bool holds, string what) => Auditor.Require(holds, Promise.UnseenEscalates, what);
}
