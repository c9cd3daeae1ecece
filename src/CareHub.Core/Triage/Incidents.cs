using CareHub.Core.Alarms;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>Alarms of one site that belong together. An incident is named by its first alarm, and has no state of its own.</summary>
internal static class Incidents
{
    /// <summary>Detectors that a confirmation names; a reason is for reading.</summary>
    private const int NamedMax = 8;

    private static readonly SignalKind[] Kinds = Enum.GetValues<SignalKind>();

    /// <summary>The incident that a new alarm belongs to: its person's or device's of late, or the storm's.</summary>
    public static Alarm Join(SiteStep step, Alarm alarm, TriageRules rules)
    {
        var related = Related(step.State, alarm).Where(open => step.Now - open.LastSignalAt <= rules.IncidentWindow).MinBy(open => open.Number);
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

        bool Agrees(Alarm open) => open.Active && open.Suppression is null && step.Now - open.ActivatedAt <= rules.CoincidenceWindow;
        var first = rules.FireKinds.Select(kind => step.State.OpenOf(kind).FirstOrDefault(Agrees)).OfType<Alarm>().MinBy(open => open.Number);
        if (first is null)
        {
            return alarm;
        }

        // In a fire that is confirmed already the others have had their turn: a newcomer looks at the first detector, and not at all of them.
        var isNewcomer = first.Incident == IncidentKind.ConfirmedFire && first.DeviceId != alarm.DeviceId;
        var agreeing = isNewcomer && Agrees(alarm) ? [.. Burning(step.State, first.DeviceId, rules).Concat(Burning(step.State, alarm.DeviceId, rules)).Where(Agrees).OrderBy(open => open.Number)] : step.OpenInOrder(open => rules.FireKinds.Contains(open.Kind) && Agrees(open));
        var devices = agreeing.Select(open => open.DeviceId).Distinct(StringComparer.Ordinal).ToList();
        if (devices.Count < 2)
        {
            return alarm;
        }

        var reason = $"coincidence:{string.Join('+', devices.Take(NamedMax))}";
        foreach (var each in agreeing.Where(each => each.Incident != IncidentKind.ConfirmedFire || each.IncidentId != first.IncidentId))
        {
            var confirmed = each with { Incident = IncidentKind.ConfirmedFire, IncidentId = first.IncidentId };
            step.Apply(AlarmChanges.Decide(confirmed, AlarmEvent.Confirmed, step.Now, Author.Hub, reason).Annunciate(step.Now));
        }

        return step.State.Open[alarm.Key];
    }

    /// <summary>A detector may say smoke and heat.</summary>
    private static IEnumerable<Alarm> Burning(SiteState site, string deviceId, TriageRules rules) =>
        rules.FireKinds.Select(kind => site.Open.GetValueOrDefault(new AlarmKey(deviceId, kind))).OfType<Alarm>();

    /// <summary>Open alarms of the same person, and of the same device.</summary>
    private static IEnumerable<Alarm> Related(SiteState site, Alarm alarm)
    {
        foreach (var open in alarm.ResidentId is { } residentId ? site.OpenOf(residentId) : [])
        {
            yield return open;
        }

        foreach (var kind in Kinds)
        {
            if (site.Open.TryGetValue(new AlarmKey(alarm.DeviceId, kind), out var open))
            {
                yield return open;
            }
        }
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
