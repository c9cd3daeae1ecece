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

/// <summary>ISA-18.2 / IEC 62682 states, derived from the two facts <see cref="Alarm.Active"/> and <see cref="Alarm.Acknowledged"/>.</summary>
internal enum AlarmState : byte
{
    Unacknowledged = 1,
    Acknowledged = 2,
    ReturnedUnacknowledged = 3,
    Closed = 4,
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
        : Acknowledged ? AlarmState.Acknowledged
        : Active ? AlarmState.Unacknowledged
        : AlarmState.ReturnedUnacknowledged;
}

/// <summary>At most one alarm is open for a device and kind: what deduplication means.</summary>
internal readonly record struct AlarmKey(string DeviceId, SignalKind Kind);
