using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>How a condition becomes an alarm, and an alarm part of an incident.</summary>
internal static class Raising
{
    /// <summary>What is about to be raised.</summary>
    /// <param name="IsStaffed">Whether a console that covers the site is there to see it.</param>
    internal readonly record struct Cause(SignalKind Kind, DeviceFacts Device, Priority Priority, DateTimeOffset OccurredAt, Author Author, string? Zone, bool IsStaffed);

    public static Alarm Raise(SiteStep step, Cause cause, SignalRule rule, TriageRules rules)
    {
        var number = step.State.LastNumber + 1;
        var now = step.Now;
        var verifyUntil = cause.OccurredAt + rule.VerifyWindow;
        var alarm = new Alarm
        {
            Id = $"{step.State.SiteId}.{number}",
            SiteId = step.State.SiteId,
            Number = number,
            DeviceId = cause.Device.Id,
            DeviceKind = cause.Device.Kind,
            GatewayId = cause.Device.GatewayId,
            ResidentId = cause.Device.ResidentId,
            Kind = cause.Kind,
            Priority = cause.Priority,
            RaisedAt = now,
            OccurredAt = cause.OccurredAt,
            LastSignalAt = now,
            AnnunciatedAt = now,
            ActivatedAt = now,
            VerifyUntil = rule.VerifyWindow > TimeSpan.Zero && verifyUntil > now ? verifyUntil : null,
            Zone = cause.Zone,
            Policy = rules.Escalation[cause.Priority].Name,
            IncidentId = $"{step.State.SiteId}.{number}",
            Version = 1,
            AnnunciatedVersion = 1,
            DecisiveVersion = 1,
        };
        alarm = Incidents.Join(step, alarm, rules);
        var suppression = Suppressing.Of(step.State, alarm, rules);
        alarm = suppression is null ? alarm : Suppressing.Under(alarm, suppression);
        var reason = suppression is null ? $"rule:{rule.Name}" : $"rule:{rule.Name}:{Words<SuppressionKind>.Of(suppression.Kind)}:{suppression.Cause}";
        var raised = step.Apply(new(alarm, new(alarm.Id, 1, now, AlarmEvent.Raised, cause.Author, reason, null))).Alarm;
        if (!cause.IsStaffed && Escalator.WithoutDesk(raised, step.Book.PolicyOf(raised), now) is { } escalated)
        {
            raised = step.Apply(escalated).Alarm;
        }

        raised = Chatter.Count(step, raised, rules);
        Suppressing.Explain(step, raised, rules);
        return Incidents.Confirm(step, raised, rules);
    }
}
