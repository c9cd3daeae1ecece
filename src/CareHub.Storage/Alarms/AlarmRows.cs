using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Storage.Alarms;

// Times are Unix milliseconds, UTC. Rows are written by AlarmLedger's prepared statements and read through
// AlarmsContext; the names of columns are those of the properties in snake case.

internal sealed class AlarmRow
{
    public required string Id { get; set; }
    public required string SiteId { get; set; }
    public long Number { get; set; }
    public required string DeviceId { get; set; }
    public string DeviceKind { get; set; } = "";
    public string? GatewayId { get; set; }
    public string? ResidentId { get; set; }
    public SignalKind Kind { get; set; }
    public Priority Priority { get; set; }
    public bool Active { get; set; }
    public bool Acknowledged { get; set; }
    public long RaisedAt { get; set; }
    public long OccurredAt { get; set; }
    public long LastSignalAt { get; set; }
    public long AnnunciatedAt { get; set; }
    public long ActivatedAt { get; set; }
    public bool Seen { get; set; }
    public string Policy { get; set; } = "";
    public int Tier { get; set; }
    public long? EscalatedAt { get; set; }
    public EscalationTarget? EscalatedTo { get; set; }
    public ResponseStage Stage { get; set; }
    public long? ProgressAt { get; set; }
    public bool Reminded { get; set; }
    public string? AssignedTo { get; set; }
    public string? AssignedName { get; set; }
    public long? AssignedAt { get; set; }
    public string IncidentId { get; set; } = "";
    public IncidentKind Incident { get; set; }
    public SuppressionKind? SuppressedBy { get; set; }
    public string? SuppressionCause { get; set; }
    public long? SuppressedUntil { get; set; }
    public Priority? RestoresPriority { get; set; }
    public bool Chattering { get; set; }
    public long? VerifyUntil { get; set; }
    public int Count { get; set; }
    public string? Zone { get; set; }
    public string? AcknowledgedBy { get; set; }
    public string? AcknowledgedName { get; set; }
    public long? AcknowledgedAt { get; set; }
    public string? ClaimedBy { get; set; }
    public string? ClaimedName { get; set; }
    public long? ClaimedAt { get; set; }
    public string? SeenBy { get; set; }
    public string? SeenName { get; set; }
    public long? SeenAt { get; set; }
    public long? ClosedAt { get; set; }
    public Disposition? Disposition { get; set; }
    public AuthorKind? ClosedByKind { get; set; }
    public string? ClosedBy { get; set; }
    public string? ClosedName { get; set; }
    public int Version { get; set; }
    public int AnnunciatedVersion { get; set; }
    public int DecisiveVersion { get; set; }

    /// <summary>Position of the newest entry of its timeline; the earlier ones are found from there, see <see cref="TimelineRow.Previous"/>.</summary>
    public long LastEntry { get; set; }

    public Alarm ToAlarm() => new()
    {
        Id = Id,
        SiteId = SiteId,
        Number = Number,
        DeviceId = DeviceId,
        DeviceKind = DeviceKind,
        GatewayId = GatewayId,
        ResidentId = ResidentId,
        Kind = Kind,
        Priority = Priority,
        Active = Active,
        Acknowledged = Acknowledged,
        RaisedAt = UnixMs.ToTime(RaisedAt),
        OccurredAt = UnixMs.ToTime(OccurredAt),
        LastSignalAt = UnixMs.ToTime(LastSignalAt),
        AnnunciatedAt = UnixMs.ToTime(AnnunciatedAt),
        ActivatedAt = UnixMs.ToTime(ActivatedAt),
        Seen = Seen,
        Policy = Policy,
        Tier = Tier,
        EscalatedAt = UnixMs.ToTime(EscalatedAt),
        EscalatedTo = EscalatedTo,
        Stage = Stage,
        ProgressAt = UnixMs.ToTime(ProgressAt),
        Reminded = Reminded,
        AssignedTo = Sign(AssignedTo, AssignedName, AssignedAt),
        IncidentId = IncidentId,
        Incident = Incident,
        Suppression = SuppressedBy is { } suppressed ? new Suppression(suppressed, SuppressionCause!, UnixMs.ToTime(SuppressedUntil), RestoresPriority!.Value) : null,
        Chattering = Chattering,
        VerifyUntil = UnixMs.ToTime(VerifyUntil),
        Count = Count,
        Zone = Zone,
        AcknowledgedBy = Sign(AcknowledgedBy, AcknowledgedName, AcknowledgedAt),
        ClaimedBy = Sign(ClaimedBy, ClaimedName, ClaimedAt),
        FirstSeenBy = Sign(SeenBy, SeenName, SeenAt),
        ClosedAt = UnixMs.ToTime(ClosedAt),
        Disposition = Disposition,
        ClosedBy = ClosedByKind is { } kind ? new Author(kind, ClosedBy!, ClosedName!) : null,
        Version = Version,
        AnnunciatedVersion = AnnunciatedVersion,
        DecisiveVersion = DecisiveVersion,
    };

    private static Signature? Sign(string? user, string? name, long? at) =>
        user is null ? null : new Signature(user, name!, UnixMs.ToTime(at!.Value));
}

internal sealed class TimelineRow
{
    /// <summary>Position in the chain, over all alarms.</summary>
    public long Position { get; set; }
    public required string AlarmId { get; set; }
    public int Seq { get; set; }

    /// <summary>
    /// Position of the same alarm's entry before; 0 for its first, and where the subject is no alarm. A link instead of an index of alarms, which is written in another place
    /// for each site: it was 40 % of all that a commit wrote.
    /// </summary>
    public long Previous { get; set; }
    public long At { get; set; }
    public AlarmEvent Event { get; set; }
    public AuthorKind AuthorKind { get; set; }
    public required string AuthorId { get; set; }
    public required string AuthorName { get; set; }
    public required string Reason { get; set; }
    public string? Note { get; set; }

    /// <summary>SHA-256 over the previous row's hash and this row: a row changed or removed later breaks the chain.</summary>
    public required byte[] Hash { get; set; }
}

internal sealed class SignalRow
{
    public long Position { get; set; }
    public required string DeviceId { get; set; }
    public required string SignalId { get; set; }
    public SignalKind Kind { get; set; }
    public SignalSource Source { get; set; }
    public long ReceivedAt { get; set; }
    public long? DeviceAt { get; set; }
    public SignalOutcome Outcome { get; set; }
    public string? AlarmId { get; set; }
    public required string Reason { get; set; }

    /// <summary>How often the same signal came again.</summary>
    public int Redeliveries { get; set; }
    public required byte[] Raw { get; set; }

    // What the engine was given, for replay; null in rows from before the journal.

    /// <summary>Place among all steps of the engine, see <see cref="ActRow.Step"/>.</summary>
    public long? Step { get; set; }
    public long? SteppedAt { get; set; }
    public long? RulesId { get; set; }
    public long? FactsId { get; set; }
    public bool? Staffed { get; set; }
    public bool? Buffered { get; set; }
    public SignalKind? Of { get; set; }
    public double? Confidence { get; set; }
    public string? Zone { get; set; }
}

/// <summary>A step of the engine that no signal took: a person's act, or time that changed something.</summary>
internal sealed class ActRow
{
    /// <summary>Signals and acts are numbered together, in the order in which the engine took them.</summary>
    public long Step { get; set; }
    public long At { get; set; }
    public required string SiteId { get; set; }
    public long RulesId { get; set; }

    /// <summary>JSON, see <see cref="Journal.CommandJson"/>; null when time passed.</summary>
    public byte[]? Command { get; set; }
}

/// <summary>A set of rules that has decided something, as its file read.</summary>
internal sealed class RuleBookRow
{
    public long Id { get; set; }
    public required string Version { get; set; }
    public required string TimeZone { get; set; }
    public required string Source { get; set; }
}

/// <summary>What triage knew of a device when it decided; a new row when the registry changes it.</summary>
internal sealed class DeviceFactsRow
{
    public long Id { get; set; }
    public required string DeviceId { get; set; }
    public required string Kind { get; set; }
    public required string SiteId { get; set; }
    public string? ResidentId { get; set; }
    public string? GatewayId { get; set; }

    /// <summary>Regions of the site from the root down, separated by spaces.</summary>
    public string RegionPath { get; set; } = "";
}

/// <summary>Where replay begins for a site that is older than the journal.</summary>
internal sealed class OriginRow
{
    public required string SiteId { get; set; }

    /// <summary>Position of the last timeline row from before.</summary>
    public long Position { get; set; }

    /// <summary>JSON, see <see cref="Journal.SiteStateJson"/>.</summary>
    public required byte[] State { get; set; }
}

internal sealed class PendingRow
{
    public required string DeviceId { get; set; }
    public SignalKind Kind { get; set; }
    public required string SiteId { get; set; }
    public string? ResidentId { get; set; }
    public string DeviceKind { get; set; } = "";
    public string? GatewayId { get; set; }

    /// <summary>Regions of the site from the root down, separated by spaces.</summary>
    public string RegionPath { get; set; } = "";
    public long OccurredAt { get; set; }
    public long DueAt { get; set; }

    public PendingAlarm ToPending() => new(
        Kind,
        new DeviceFacts(DeviceId, DeviceKind, SiteId, ResidentId) { GatewayId = GatewayId, RegionPath = [.. RegionPath.Split(' ', StringSplitOptions.RemoveEmptyEntries)] },
        UnixMs.ToTime(OccurredAt),
        UnixMs.ToTime(DueAt));
}

/// <summary>What a site remembers besides its alarms.</summary>
internal sealed class SiteMemoryRow
{
    public required string SiteId { get; set; }

    /// <summary>JSON, see <see cref="SiteMemoryJson"/>.</summary>
    public required byte[] Memory { get; set; }
}

/// <summary>A payload that could not be decoded, with the reason.</summary>
internal sealed class QuarantineRow
{
    public long Id { get; set; }
    public long At { get; set; }
    public required string DeviceId { get; set; }
    public required string SiteId { get; set; }
    public required string Topic { get; set; }
    public required string Reason { get; set; }

    /// <summary>Byte offset in the payload at which decoding stopped.</summary>
    public int Offset { get; set; }
    public required byte[] Payload { get; set; }
}

/// <summary>What a day was like, by region.</summary>
internal sealed class DailySummaryRow
{
    /// <summary>ISO date, local to the hub.</summary>
    public required string Day { get; set; }
    public required string RegionId { get; set; }
    public Priority Priority { get; set; }
    public int Raised { get; set; }
    public int Closed { get; set; }
    public int AnsweredIn60S { get; set; }
    public int AnsweredIn180S { get; set; }
    public long? AcknowledgeP50Ms { get; set; }
    public long? AcknowledgeP95Ms { get; set; }
}

/// <summary>Who opened whose card, and when.</summary>
internal sealed class AccessRow
{
    public long Id { get; set; }
    public long At { get; set; }
    public required string User { get; set; }
    public required string AlarmId { get; set; }
    public string? ResidentId { get; set; }
}
