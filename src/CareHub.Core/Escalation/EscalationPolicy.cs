using System.Collections.Immutable;
using CareHub.Core.Alarms;

namespace CareHub.Core.Escalation;

/// <summary>Which silence a tier measures.</summary>
internal enum EscalationClock : byte
{
    /// <summary>No console has reported a sighting of what is annunciated.</summary>
    Unseen = 1,

    /// <summary>Nobody has acknowledged it, nor claimed it.</summary>
    Unacknowledged = 2,
}

/// <summary>
/// Whom a tier turns to. An alarm first sounds at the nearest level of regions that has a desk on duty. Which one that is changes from
/// moment to moment and is no fact of the alarm, so it is decided where the consoles are and not by the engine.
/// </summary>
internal enum EscalationTarget : byte
{
    /// <summary>The nearest level with a desk on duty sounds anew, whatever was silenced.</summary>
    Region = 1,

    /// <summary>The next level above it with a desk on duty too. One level, however many tiers say so.</summary>
    NextLevel = 2,

    /// <summary>The supervisors of the region, the wall board, and every console that covers the site.</summary>
    Supervisor = 3,

    /// <summary>The resident's emergency contacts, and every console that covers the site.</summary>
    Contacts = 4,
}

/// <summary>One step of a policy.</summary>
/// <param name="Clock">What it measures.</param>
/// <param name="After">Time since the alarm was last annunciated.</param>
/// <param name="Target">Whom it turns to.</param>
internal sealed record EscalationTier(EscalationClock Clock, TimeSpan After, EscalationTarget Target);

/// <summary>
/// What happens by itself while nobody answers. Deadlines are not stored: they follow from the alarm's facts and the
/// policy, so that they survive a restart and a change of the policy alike.
/// </summary>
internal sealed record EscalationPolicy
{
    /// <summary>Name that alarms and timelines quote.</summary>
    public required string Name { get; init; }

    /// <summary>In the order of <see cref="EscalationTier.After"/>.</summary>
    public required ImmutableArray<EscalationTier> Tiers { get; init; }

    /// <summary>Claimed and nothing done for this long: the owner is reminded. Null: never.</summary>
    public TimeSpan? ClaimReminder { get; init; }

    /// <summary>After the reminder, still nothing: the claim is taken back and the alarm sounds anew.</summary>
    public TimeSpan ClaimGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Dispatched, and the carer's device has not confirmed within this: the operator is told.</summary>
    public TimeSpan ReceiptMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Acknowledged and claimed by nobody for this long: it sounds anew. Null: never.</summary>
    public TimeSpan? UnclaimedMax { get; init; }

    /// <summary>The defaults of the design, by priority; the telecare benchmark is 97.5 % within 60 s and 99 % within 180 s.</summary>
    public static ImmutableDictionary<Priority, EscalationPolicy> Defaults { get; } = new[]
    {
        (Priority.Critical, new EscalationPolicy
        {
            Name = "critical",
            Tiers =
            [
                new(EscalationClock.Unseen, TimeSpan.FromSeconds(5), EscalationTarget.Region),
                new(EscalationClock.Unacknowledged, TimeSpan.FromSeconds(30), EscalationTarget.NextLevel),
                new(EscalationClock.Unacknowledged, TimeSpan.FromSeconds(60), EscalationTarget.Supervisor),
                new(EscalationClock.Unacknowledged, TimeSpan.FromSeconds(180), EscalationTarget.Contacts),
            ],
            ClaimReminder = TimeSpan.FromSeconds(60),
            UnclaimedMax = TimeSpan.FromSeconds(120),
        }),
        (Priority.High, new EscalationPolicy
        {
            Name = "high",
            Tiers =
            [
                new(EscalationClock.Unacknowledged, TimeSpan.FromMinutes(3), EscalationTarget.NextLevel),
                new(EscalationClock.Unacknowledged, TimeSpan.FromMinutes(10), EscalationTarget.Supervisor),
            ],
            ClaimReminder = TimeSpan.FromMinutes(5),
            UnclaimedMax = TimeSpan.FromMinutes(10),
        }),
        (Priority.Medium, new EscalationPolicy
        {
            Name = "medium",
            Tiers = [new(EscalationClock.Unacknowledged, TimeSpan.FromMinutes(15), EscalationTarget.Supervisor)],
            ClaimReminder = TimeSpan.FromMinutes(5),
        }),
        (Priority.Low, new EscalationPolicy { Name = "low", Tiers = [] }),
    }.ToImmutableDictionary(pair => pair.Item1, pair => pair.Item2);
}
