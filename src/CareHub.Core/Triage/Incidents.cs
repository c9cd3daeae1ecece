using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>Alarms of one site that belong together. An incident is named by its first alarm, and has no state of its own.</summary>
internal static class Incidents
{
    /// <summary>The incident that a new alarm belongs to: its person's or device's of late, or the storm's.</summary>
    public static Alarm Join(SiteStep step, Alarm alarm, TriageRules rules)
    {
        var related = step.State.Open.Values
            .Where(open => (alarm.ResidentId is not null && open.ResidentId == alarm.ResidentId) || open.DeviceId == alarm.DeviceId)
            .Where(open => step.Now - open.LastSignalAt <= rules.IncidentWindow)
            .MinBy(open => open.Number);
        var storm = Weather(step, alarm, rules);
        return related is not null ? alarm with { IncidentId = related.IncidentId, Incident = IncidentKind.Related }
            : storm is not null && alarm.Priority != Priority.Critical ? alarm with { IncidentId = storm, Incident = IncidentKind.Storm }
            : alarm;
    }

    /// <summary>A second detector that stands in alarm within the window confirms a fire: all that say so are one incident, and sound anew.</summary>
    public static Alarm Confirm(SiteStep step, Alarm alarm, TriageRules rules)
    {
        if (!rules.FireKinds.Contains(alarm.Kind) || alarm.Suppression is not null)
        {
            return alarm;
        }

        var agreeing = step.OpenInOrder(open => rules.FireKinds.Contains(open.Kind) && open.Active && open.Suppression is null && step.Now - open.ActivatedAt <= rules.CoincidenceWindow);
        if (agreeing.DistinctBy(open => open.DeviceId).Count() < 2)
        {
            return alarm;
        }

        var reason = $"coincidence:{string.Join('+', agreeing.Select(open => open.DeviceId).Distinct(StringComparer.Ordinal))}";
        var incidentId = agreeing[0].IncidentId;
        foreach (var each in agreeing.Where(each => each.Incident != IncidentKind.ConfirmedFire || each.IncidentId != incidentId))
        {
            var confirmed = each with { Incident = IncidentKind.ConfirmedFire, IncidentId = incidentId };
            step.Apply(AlarmChanges.Decide(confirmed, AlarmEvent.Confirmed, step.Now, Author.Hub, reason).Annunciate(step.Now));
        }

        return step.State.Open[alarm.Key];
    }

    /// <summary>Counts what the site raises; the storm's first alarm once there is one.</summary>
    private static string? Weather(SiteStep step, Alarm alarm, TriageRules rules)
    {
        var raised = step.Memory.Raised.Next(step.Now, rules.Storm.Window);
        var storm = raised.Count <= rules.Storm.Max ? null : step.Memory.StormIncident ?? alarm.Id;
        step.Memory = step.Memory with { Raised = raised, StormIncident = storm };
        return storm;
    }
}
