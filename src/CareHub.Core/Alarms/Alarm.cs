using CareHub.Core.Escalation;
using CareHub.Core.Signals;

namespace CareHub.Core.Alarms;

/// <summary>By consequence and time to respond (ISA-18.2). The numbers are stored and sort by urgency.</summary>
internal enum Priority : byte
{
    Critical = 1,
    High = 2,
    Medium = 3,
    Low = 4,
}

/// <summary>
/// ISA-18.2 / IEC 62682 states, derived from the facts <see cref="Alarm.Active"/>, <see cref="Alarm.Acknowledged"/> and
/// <see cref="Alarm.Suppression"/>.
/// </summary>
internal enum AlarmState : byte
{
    Unacknowledged = 1,
    Acknowledged = 2,
    ReturnedUnacknowledged = 3,
    Closed = 4,

    /// <summary>SHLVD: a person has silenced it for a time.</summary>
    Shelved = 5,

    /// <summary>DSUPR: another alarm explains it.</summary>
    Suppressed = 6,

    /// <summary>OOSRV: the device is out of service.</summary>
    OutOfService = 7,
}

/// <summary>Why an alarm is on record and not annunciated.</summary>
internal enum SuppressionKind : byte
{
    Shelved = 1,
    ByDesign = 2,
    OutOfService = 3,
}

/// <param name="Cause">The shelf, the maintenance or the alarm that explains it.</param>
/// <param name="Until">When it ends by itself; null while the cause stands.</param>
/// <param name="Restores">Priority that the alarm has without it: one that another alarm explains counts as low meanwhile.</param>
internal sealed record Suppression(SuppressionKind Kind, string Cause, DateTimeOffset? Until, Priority Restores);

/// <summary>How far the response has come. Resolved is <see cref="Alarm.ClosedAt"/>.</summary>
internal enum ResponseStage : byte
{
    None = 0,
    Claimed = 1,
    Dispatched = 2,

    /// <summary>The carer's device has shown it and the carer has taken it.</summary>
    Accepted = 3,
    EnRoute = 4,
    OnScene = 5,
}

/// <summary>What makes alarms of a site one incident.</summary>
internal enum IncidentKind : byte
{
    /// <summary>An alarm of its own, or the first of a person's or a device's.</summary>
    Single = 0,

    /// <summary>The same person or device again within the incident window.</summary>
    Related = 1,

    /// <summary>Two detectors agree.</summary>
    ConfirmedFire = 2,

    /// <summary>One of many at once.</summary>
    Storm = 3,
}

/// <summary>What an alarm turned out to be.</summary>
internal enum Disposition : byte
{
    Real = 1,
    False = 2,
    Test = 3,
    Technical = 4,
    Duplicate = 5,
}

/// <summary>Who did something: every change has an author.</summary>
/// <param name="Kind">Device, user, or the hub itself.</param>
/// <param name="Id">Device id, user name, or the part of the hub.</param>
/// <param name="Name">What to show a person.</param>
internal readonly record struct Author(AuthorKind Kind, string Id, string Name)
{
    public static readonly Author Hub = new(AuthorKind.Hub, "triage", "CareHub");

    public static Author Device(string id) => new(AuthorKind.Device, id, id);
}

internal enum AuthorKind : byte
{
    Device = 1,
    User = 2,
    Hub = 3,
}

/// <summary>Somebody's name under a fact, and when.</summary>
internal readonly record struct Signature(string User, string Name, DateTimeOffset At);

/// <summary>
/// A condition that needs a response. Immutable: each change is a new value with the next <see cref="Version"/>, and
/// exactly one timeline entry carries that version as its number.
/// </summary>
internal sealed record Alarm
{
    /// <summary><c>{site}.{number}</c>: unique without coordination, since numbers are the site's own.</summary>
    public required string Id { get; init; }
    public required string SiteId { get; init; }
    public required long Number { get; init; }
    public required string DeviceId { get; init; }
    public string DeviceKind { get; init; } = "";

    /// <summary>The gateway that the device speaks through, if any.</summary>
    public string? GatewayId { get; init; }
    public string? ResidentId { get; init; }
    public required SignalKind Kind { get; init; }
    public required Priority Priority { get; init; }

    /// <summary>The condition stands, as far as the hub knows.</summary>
    public bool Active { get; init; } = true;

    /// <summary>A person has taken notice of all that is annunciated.</summary>
    public bool Acknowledged { get; init; }

    /// <summary>Hub time at which it was raised.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it happened: earlier than raised for a buffered signal.</summary>
    public required DateTimeOffset OccurredAt { get; init; }
    public required DateTimeOffset LastSignalAt { get; init; }

    /// <summary>Since when it has had to sound: raised, reactivated, or repeated after an acknowledgement.</summary>
    public required DateTimeOffset AnnunciatedAt { get; init; }

    /// <summary>Until when the device may still cancel it.</summary>
    public DateTimeOffset? VerifyUntil { get; init; }

    /// <summary>When its condition last began: raised or reactivated.</summary>
    public required DateTimeOffset ActivatedAt { get; init; }

    /// <summary>A console has reported a sighting since it was last annunciated.</summary>
    public bool Seen { get; init; }

    /// <summary>Name of the escalation policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Tiers of the policy that have been passed since it was last annunciated.</summary>
    public int Tier { get; init; }
    public DateTimeOffset? EscalatedAt { get; init; }
    public EscalationTarget? EscalatedTo { get; init; }

    public ResponseStage Stage { get; init; }

    /// <summary>When the response last moved.</summary>
    public DateTimeOffset? ProgressAt { get; init; }

    /// <summary>The owner has been reminded since.</summary>
    public bool Reminded { get; init; }

    /// <summary>Who has been sent.</summary>
    public Signature? AssignedTo { get; init; }

    /// <summary>Id of the incident's first alarm; its own when it stands alone.</summary>
    public required string IncidentId { get; init; }
    public IncidentKind Incident { get; init; }

    public Suppression? Suppression { get; init; }

    /// <summary>It comes and goes: one alarm until it is calm.</summary>
    public bool Chattering { get; init; }

    /// <summary>Signals that make it up.</summary>
    public int Count { get; init; } = 1;
    public string? Zone { get; init; }
    public Signature? AcknowledgedBy { get; init; }
    public Signature? ClaimedBy { get; init; }
    public Signature? FirstSeenBy { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public Disposition? Disposition { get; init; }
    public Author? ClosedBy { get; init; }

    /// <summary>Number of changes so far.</summary>
    public required int Version { get; init; }

    /// <summary>Version at which it last began to sound: an acknowledgement of an older version does not cover it.</summary>
    public required int AnnunciatedVersion { get; init; }

    /// <summary>Version of the last change that a resolving person must have seen: a signal, or another person's act.</summary>
    public required int DecisiveVersion { get; init; }

    public AlarmKey Key => new(DeviceId, Kind);

    public bool IsOpen => ClosedAt is null;

    public AlarmState State =>
        !IsOpen ? AlarmState.Closed
        : Suppression is { } suppression ? suppression.Kind switch
        {
            SuppressionKind.Shelved => AlarmState.Shelved,
            SuppressionKind.OutOfService => AlarmState.OutOfService,
            _ => AlarmState.Suppressed,
        }
        : Acknowledged ? AlarmState.Acknowledged
        : Active ? AlarmState.Unacknowledged
        : AlarmState.ReturnedUnacknowledged;
}

/// <summary>At most one alarm is open for a device and kind: what deduplication means.</summary>
internal readonly record struct AlarmKey(string DeviceId, SignalKind Kind);
