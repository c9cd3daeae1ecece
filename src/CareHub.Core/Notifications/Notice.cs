using System.Collections.Immutable;
using CareHub.Core.Escalation;

namespace CareHub.Core.Notifications;

/// <summary>By which means somebody is told who is not at a console. The numbers are stored; never renumber.</summary>
internal enum NotifyChannel : byte
{
    Webhook = 1,
    Email = 2,
    Sms = 3,
}

/// <summary>What somebody is told. The numbers are stored; never renumber.</summary>
internal enum NoticeKind : byte
{
    /// <summary>Nobody has answered the alarm: it is yours now.</summary>
    Escalated = 1,

    /// <summary>The alarm you were told of is closed: nobody needs to set out.</summary>
    AllClear = 2,
}

/// <summary>Somebody to tell.</summary>
/// <param name="Channel">By which means.</param>
/// <param name="Id">Names the recipient in keys: never a number or an address.</param>
/// <param name="Address">Telephone number or mail address; empty where the channel has one address of its own.</param>
internal sealed record Recipient(NotifyChannel Channel, string Id, string Address);

/// <summary>What a change wants people to be told, kept in the transaction of the change.</summary>
/// <param name="Version">The alarm's version after the change.</param>
/// <param name="Target">Whom the escalation turned to; null for an all-clear, which goes to those who were told before.</param>
internal sealed record Notice(string AlarmId, string SiteId, int Version, DateTimeOffset At, NoticeKind Kind, EscalationTarget? Target, ImmutableArray<Recipient> Recipients)
{
    /// <summary>The idempotency key: the same however often the notification is sent.</summary>
    public static string KeyOf(string alarmId, int version, NotifyChannel channel, string recipient) =>
        $"{alarmId}.{version}.{Words<NotifyChannel>.Of(channel)}.{recipient}";
}
