using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Silences;

namespace CareHub.Core.Triage;

/// <summary>
/// Alarms that are on record and not annunciated: shelved by a person, explained by another alarm, or of a device that is
/// out of service. When the cause has gone and the condition stands, they sound.
/// </summary>
internal static class Suppressing
{
    /// <summary>What keeps a new alarm quiet; null when nothing may.</summary>
    public static Suppression? Of(SiteState state, Alarm alarm, TriageRules rules)
    {
        // A person has taken this one device out of service: that alone may cover a critical alarm.
        if (!state.Memory.Maintenance.IsEmpty
            && state.Memory.Maintenance.Values.Where(each => each.Mode == MaintenanceMode.OutOfService && each.Covers(alarm)).MaxBy(each => (each.Until, each.Id)) is { } maintenance)
        {
            return new(SuppressionKind.OutOfService, maintenance.Id, maintenance.Until, alarm.Priority);
        }

        if (!rules.MayBeSilenced(alarm))
        {
            return null;
        }

        if (!state.Memory.Shelves.IsEmpty && state.Memory.Shelves.Values.Where(each => each.Covers(alarm)).MaxBy(each => (each.Until, each.Id)) is { } shelf)
        {
            return new(SuppressionKind.Shelved, shelf.Id, shelf.Until, alarm.Priority);
        }

        if (alarm.Kind == SignalKind.Offline && state.Memory.Outage is { } outage)
        {
            return new(SuppressionKind.ByDesign, outage, null, alarm.Priority);
        }

        foreach (var inhibition in rules.Inhibitions)
        {
            if (!inhibition.Covers.Contains(alarm.Kind))
            {
                continue;
            }

            var cause = state.OpenOf(inhibition.Cause, inhibition.CauseDevice).FirstOrDefault(open => open.Active && Explains(open, alarm, inhibition));
            if (cause is not null)
            {
                return new(SuppressionKind.ByDesign, cause.Id, null, alarm.Priority);
            }
        }

        return null;
    }

    /// <summary>A new cause explains what came shortly before it: a gateway is missed no sooner than the devices behind it.</summary>
    public static void Explain(SiteStep step, Alarm cause, TriageRules rules)
    {
        foreach (var inhibition in rules.Inhibitions)
        {
            if (cause.Kind != inhibition.Cause || (inhibition.CauseDevice is not null && cause.DeviceKind != inhibition.CauseDevice))
            {
                continue;
            }

            var explained = step.OpenInOrder(open => open.Active && open.Suppression is null && !open.Acknowledged && open.ClaimedBy is null && inhibition.Covers.Contains(open.Kind)
                && rules.MayBeSilenced(open) && Explains(cause, open, inhibition) && step.Now - open.RaisedAt <= inhibition.Grace);
            foreach (var alarm in explained)
            {
                Suppress(step, alarm, new(SuppressionKind.ByDesign, cause.Id, null, alarm.Priority));
            }
        }
    }

    public static void Suppress(SiteStep step, Alarm alarm, Suppression suppression, Author? author = null) =>
        step.Apply(AlarmChanges.Decide(
            Under(alarm, suppression), AlarmEvent.Suppressed, step.Now, author ?? Author.Hub, $"{Words<SuppressionKind>.Of(suppression.Kind)}:{suppression.Cause}"));

    /// <summary>The alarm as it is while suppressed.</summary>
    public static Alarm Under(Alarm alarm, Suppression suppression) => alarm with
    {
        Suppression = suppression,
        Priority = suppression.Kind == SuppressionKind.ByDesign ? Priority.Low : alarm.Priority,
    };

    /// <summary>The cause has gone: what it explained gets its grace, and sounds after it if it still stands.</summary>
    public static void Unexplain(SiteStep step, Alarm cause, TriageRules rules)
    {
        Unexplain(step, cause.Id, rules.Inhibitions.Where(each => each.Cause == cause.Kind).Select(each => each.Grace).DefaultIfEmpty().Max());
    }

    public static void Unexplain(SiteStep step, string causeId, TimeSpan grace)
    {
        foreach (var alarm in step.OpenInOrder(open => open.Suppression is { Kind: SuppressionKind.ByDesign, Until: null } suppression && suppression.Cause == causeId))
        {
            step.Apply(AlarmChanges.Mark(
                alarm with { Suppression = alarm.Suppression! with { Until = step.Now + grace } }, AlarmEvent.Suppressed, step.Now, Author.Hub, $"grace:{grace.TotalSeconds:0}s"));
        }
    }

    /// <summary>Ends a suppression. What still stands sounds from now on, as if it had just been raised.</summary>
    public static void Release(SiteStep step, Alarm alarm, string reason, Author? author = null)
    {
        var released = AlarmChanges.Decide(alarm with { Suppression = null, Priority = alarm.Suppression!.Restores }, AlarmEvent.Unsuppressed, step.Now, author ?? Author.Hub, reason);
        step.Apply(released.Alarm.Active ? released.Annunciate(step.Now) : released);
    }

    private static bool Explains(Alarm cause, Alarm alarm, Inhibition inhibition) =>
        cause.Id != alarm.Id
        && cause.Kind == inhibition.Cause
        && (inhibition.CauseDevice is null || cause.DeviceKind == inhibition.CauseDevice)
        && cause.DeviceId != alarm.DeviceId
        && (inhibition.Scope == InhibitionScope.Site || alarm.GatewayId == cause.DeviceId);
}
