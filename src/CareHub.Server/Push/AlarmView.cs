using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;

namespace CareHub.Server.Push;

/// <summary>An alarm as consoles and integrators see it: docs/api.md.</summary>
internal record AlarmView
{
    public required string Id { get; init; }
    public required int Version { get; init; }
    public required SignalKind Kind { get; init; }
    public required Priority Priority { get; init; }
    public required AlarmState State { get; init; }
    public required bool Active { get; init; }
    public required bool Acknowledged { get; init; }
    public required DateTimeOffset RaisedAt { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }
    public required DateTimeOffset LastSignalAt { get; init; }

    /// <summary>Since when it has had to sound: an escalation makes it sound anew, as a new call does.</summary>
    public required DateTimeOffset AnnunciatedAt { get; init; }
    public required EscalationView? Escalation { get; init; }
    public required ResponseStage Stage { get; init; }
    public required Signature? AssignedTo { get; init; }

    /// <summary>The owner was told that nothing moves; or the dispatcher, that no receipt has come.</summary>
    public required bool Reminded { get; init; }
    public required string IncidentId { get; init; }
    public required IncidentKind Incident { get; init; }
    public required SuppressionView? Suppression { get; init; }
    public required bool Chattering { get; init; }
    public required DateTimeOffset? VerifyUntil { get; init; }
    public required int Count { get; init; }
    public required DeviceView Device { get; init; }
    public required SiteView Site { get; init; }
    public required RegionView Region { get; init; }
    public required string? Place { get; init; }

    /// <summary>The reading that the hub found it in; null for what a device said itself.</summary>
    public required string? About { get; init; }
    public required ResidentView? Resident { get; init; }
    public required Signature? AcknowledgedBy { get; init; }
    public required Signature? ClaimedBy { get; init; }
    public required Signature? FirstSeenBy { get; init; }
    public required DateTimeOffset? ClosedAt { get; init; }
    public required Disposition? Disposition { get; init; }
    public required AuthorView? ClosedBy { get; init; }
}

/// <param name="Tier">Tiers passed since it was annunciated.</param>
internal sealed record EscalationView(int Tier, EscalationTarget To, DateTimeOffset At);

internal sealed record SuppressionView(SuppressionKind Kind, string Cause, DateTimeOffset? Until);

internal sealed record DeviceView(string Id, string Kind, string? Name);

internal sealed record SiteView(string Id, string Kind, string Name, string? Address);

internal sealed record RegionView(string Id, string Name, IReadOnlyList<string> Path);

internal sealed record ResidentView(string Id, string Name, int? Age, string? Sex);

internal sealed record AuthorView(AuthorKind Kind, string Id, string Name);
