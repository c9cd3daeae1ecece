using System.Collections.Immutable;
using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>What the passing of time does to a site.</summary>
internal static class DeadlineTriage
{
    public static StepResult Step(SiteState state, DateTimeOffset now, TriageRules rules)
    {
        var changes = ImmutableArray.CreateBuilder<AlarmChange>();
        var next = state;

        // In order of number and key, so that the same state gives the same effects whatever the dictionary's order.
        foreach (var alarm in state.Open.Values.Where(alarm => alarm.VerifyUntil <= now).OrderBy(alarm => alarm.Number))
        {
            var verified = AlarmChanges.Decide(alarm with { VerifyUntil = null }, AlarmEvent.Verified, now, Author.Hub, "no_cancel_in_time");
            changes.Add(verified);
            next = next.With(verified);
        }

        foreach (var pending in state.Pending.Values.Where(pending => pending.DueAt <= now)
            .OrderBy(pending => pending.DueAt).ThenBy(pending => pending.Key.DeviceId, StringComparer.Ordinal).ThenBy(pending => pending.Key.Kind))
        {
            var rule = rules.BySignal[pending.Key.Kind];
            var raised = AlarmChanges.Raise(next, pending.Key, pending.ResidentId, pending.Priority, pending.OccurredAt, now, Author.Hub, rule, zone: null);
            changes.Add(raised);
            next = next.With(raised) with { Pending = next.Pending.Remove(pending.Key) };
        }

        return new(next) { Changes = changes.ToImmutable() };
    }
}
