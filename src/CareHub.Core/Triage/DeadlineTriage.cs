using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Silences;

namespace CareHub.Core.Triage;

/// <summary>What the passing of time does to a site.</summary>
internal static class DeadlineTriage
{
    public static void Pass(SiteStep step)
    {
        EndSilences(step);
        Verify(step);
        RaisePending(step);
        foreach (var alarm in step.OpenInOrder(alarm => alarm.Suppression?.Until <= step.Now))
        {
            Suppressing.Release(step, alarm, $"{alarm.Suppression!.Cause}:over");
        }

        Escalate(step);
        foreach (var alarm in step.OpenInOrder(alarm => alarm.Chattering))
        {
            Chatter.Calm(step, alarm, step.Book.Defaults);
        }
    }

    private static void EndSilences(SiteStep step)
    {
        foreach (var shelf in step.Memory.Shelves.Values.Where(shelf => shelf.Until <= step.Now).OrderBy(shelf => shelf.Id, StringComparer.Ordinal).ToList())
        {
            SilenceTriage.End(step, shelf, Author.Hub, "time_over");
        }

        foreach (var maintenance in step.Memory.Maintenance.Values.Where(each => each.Until <= step.Now).OrderBy(each => each.Id, StringComparer.Ordinal).ToList())
        {
            SilenceTriage.End(step, maintenance, Author.Hub, "time_over");
        }
    }

    private static void Verify(SiteStep step)
    {
        foreach (var alarm in step.OpenInOrder(alarm => alarm.VerifyUntil <= step.Now))
        {
            step.Apply(AlarmChanges.Decide(alarm with { VerifyUntil = null }, AlarmEvent.Verified, step.Now, Author.Hub, "no_cancel_in_time"));
        }
    }

    private static void RaisePending(SiteStep step)
    {
        var due = step.State.Pending.Values.Where(pending => pending.DueAt <= step.Now)
            .OrderBy(pending => pending.DueAt).ThenBy(pending => pending.Key.DeviceId, StringComparer.Ordinal).ThenBy(pending => pending.Kind).ToList();
        foreach (var pending in due)
        {
            step.Drop(pending.Key);
            var rules = step.Book.For(pending.Device, step.Now);
            if (rules.BySignal.TryGetValue(pending.Kind, out var rule))
            {
                // Whether somebody is there to see it is not known here: where nobody is, that is an input of its own.
                Raising.Raise(step, new(pending.Kind, pending.Device, rule.PriorityFor(pending.Device), pending.OccurredAt, Author.Hub, Zone: null, IsStaffed: true), rule, rules);
            }
        }
    }

    private static void Escalate(SiteStep step)
    {
        foreach (var alarm in step.OpenInOrder(alarm => Escalator.NextAt(alarm, step.Book.PolicyOf(alarm)) <= step.Now))
        {
            foreach (var change in Escalator.Due(alarm, step.Book.PolicyOf(alarm), step.Now))
            {
                step.Apply(change);
            }
        }
    }
}
