namespace CareHub.Core.Alarms;

/// <summary>What can happen to an alarm. The words are stored and public.</summary>
internal enum AlarmEvent : byte
{
    Raised = 1,
    Repeated = 2,
    Verified = 3,
    Cancelled = 4,
    CancelledLate = 5,
    Returned = 6,
    Reactivated = 7,
    Seen = 8,
    Acknowledged = 9,
    Claimed = 10,
    TakenOver = 11,
    Released = 12,
    Note = 13,
    Silenced = 14,
    Resolved = 15,
    AutoClosed = 16,

    /// <summary>Nobody answered in time: the next tier.</summary>
    Escalated = 17,

    /// <summary>The owner, or the dispatcher, was told that nothing moves.</summary>
    Reminded = 18,

    /// <summary>Acknowledged and then left: it sounds anew.</summary>
    Reannunciated = 19,

    /// <summary>Raised, or being, but explained by something else and not annunciated.</summary>
    Suppressed = 20,
    Unsuppressed = 21,

    /// <summary>A second detector agrees.</summary>
    Confirmed = 22,
    Chattering = 23,
    Calmed = 24,
    Dispatched = 25,
    Accepted = 26,
    EnRoute = 27,
    OnScene = 28,
    HandedOver = 29,

    /// <summary>The priority rose.</summary>
    Reprioritised = 30,

    /// <summary>A silence of a device or a kind began; its subject is the shelf.</summary>
    Shelved = 31,
    Unshelved = 32,
    MaintenanceBegun = 33,
    MaintenanceEnded = 34,

    /// <summary>Somebody who is not at a console was told; the channel has taken it over.</summary>
    Notified = 35,

    /// <summary>Somebody could not be told, and it is not tried again.</summary>
    NotifyFailed = 36,

    /// <summary>Other rules are in force; its subject is the change.</summary>
    RulesChanged = 37,
}

/// <summary>One change: its author, its time and its reason.</summary>
/// <param name="AlarmId">The alarm; for what silences a site's alarms, the id of that silence.</param>
/// <param name="Seq">The alarm's version after the change.</param>
/// <param name="At">Hub time.</param>
/// <param name="Event">What happened.</param>
/// <param name="Author">Who did it.</param>
/// <param name="Reason">Why: the rule that decided, or the word of the disposition.</param>
/// <param name="Note">A person's own words.</param>
internal sealed record TimelineEntry(string AlarmId, int Seq, DateTimeOffset At, AlarmEvent Event, Author Author, string Reason, string? Note);

/// <summary>An alarm after a change, and the entry that tells of it.</summary>
internal sealed record AlarmChange(Alarm Alarm, TimelineEntry Entry);
