using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;

namespace CareHub.Core.Notifications;

/// <summary>Which changes of an alarm are told to people who are not at a console.</summary>
internal static class Notifier
{
    /// <summary>The notice that a change causes, or null.</summary>
    /// <param name="recipients">Who is to be told when an alarm escalates to a target.</param>
    public static Notice? Of(AlarmChange change, Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> recipients)
    {
        var (alarm, entry) = change;
        if (!alarm.IsOpen)
        {
            // Closed is the only all-clear: a condition that has returned says nothing about the person.
            return new(alarm.Id, alarm.SiteId, entry.Seq, entry.At, NoticeKind.AllClear, null, []);
        }

        if (entry.Event != AlarmEvent.Escalated || alarm.EscalatedTo is not (EscalationTarget.Supervisor or EscalationTarget.Contacts))
        {
            return null;
        }

        var told = recipients(alarm, alarm.EscalatedTo.Value);
        return told.IsEmpty ? null : new(alarm.Id, alarm.SiteId, entry.Seq, entry.At, NoticeKind.Escalated, alarm.EscalatedTo, told);
    }
}
