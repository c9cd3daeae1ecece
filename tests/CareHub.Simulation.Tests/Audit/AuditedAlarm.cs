using CareHub.Core.Alarms;
using CareHub.Core.Signals;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>An alarm as its timeline tells it; what the store's row must agree with.</summary>
internal sealed class AuditedAlarm(StoredAlarm row, Priority priority, DateTimeOffset raisedAt, DateTimeOffset occurredAt)
{
    public string Id => row.Id;

    public string SiteId => row.SiteId;

    public string DeviceId => row.DeviceId;

    public SignalKind Kind => row.Kind;

    /// <summary>As the design's table has it; an explained alarm counts as low meanwhile, and this does not follow it.</summary>
    public Priority Priority { get; private set; } = priority;

    /// <summary>The gravest that was said of it.</summary>
    public Priority Gravest { get; private set; } = priority;

    public DateTimeOffset OccurredAt { get; } = occurredAt;

    /// <summary>When its condition last began.</summary>
    public DateTimeOffset ActivatedAt { get; private set; } = raisedAt;

    public bool IsConfirmed { get; private set; }

    public int Version { get; private set; }

    public int Count { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; } = raisedAt;

    public bool IsOpen { get; private set; } = true;

    public bool IsActive { get; private set; } = true;

    public bool IsAcknowledged { get; private set; }

    public bool IsSeen { get; private set; }

    public bool IsChattering { get; private set; }

    public SuppressionKind? SuppressedBy { get; private set; }

    public string? Cause { get; private set; }

    public DateTimeOffset AnnunciatedAt { get; private set; } = raisedAt;

    public int AnnunciatedSeq { get; private set; } = 1;

    /// <summary>The last entry that a signal or another detector made.</summary>
    public int CalledSeq { get; private set; } = 1;

    /// <summary>Since when the clock that now counts for it has run: it sounds without a silence, or somebody has answered or left.</summary>
    public DateTimeOffset WatchedSince { get; private set; } = raisedAt;

    /// <summary>Index into the targets, −1 before the first.</summary>
    public int EscalatedTo { get; private set; } = -1;

    public string? Owner { get; private set; }

    public DateTimeOffset ClaimedAt { get; private set; }

    public DateTimeOffset AcknowledgedAt { get; private set; }

    public DateTimeOffset? ProgressAt { get; private set; }

    public AlarmEvent Stage { get; private set; }

    public bool IsReminded { get; private set; }

    public bool IsAnswered => IsAcknowledged || (Owner is not null && ClaimedAt >= AnnunciatedAt);

    public void Hear(Priority priority) => Gravest = priority < Gravest ? priority : Gravest;

    public void Apply(StoredEntry entry)
    {
        (Version, ChangedAt) = (entry.Seq, entry.At);
        switch (entry.Event)
        {
            case AlarmEvent.Raised:
                Count = 1;
                Suppress(entry.Reason);
                break;
            case AlarmEvent.Repeated:
                Called(entry);
                if (DesignTable.IsLatching(Kind) && IsAcknowledged && SuppressedBy is null && entry.At - AnnunciatedAt >= DesignTable.NewCallAfter)
                {
                    Annunciate(entry);
                }

                break;
            case AlarmEvent.Reactivated:
                Called(entry);
                (IsActive, ActivatedAt) = (true, entry.At);
                if (SuppressedBy is null && (!IsChattering || Priority == Priority.Critical))
                {
                    Annunciate(entry);
                }

                break;
            case AlarmEvent.Reprioritised:
                Priority = Priority.Critical;
                CalledSeq = entry.Seq;
                if (SuppressedBy is null)
                {
                    Annunciate(entry);
                }

                break;
            case AlarmEvent.Confirmed:
                (CalledSeq, IsConfirmed) = (entry.Seq, true);
                Annunciate(entry);
                break;
            case AlarmEvent.Reannunciated:
                Annunciate(entry);
                break;
            case AlarmEvent.Returned:
                IsActive = false;
                break;
            case AlarmEvent.Suppressed:
                Suppress(entry.Reason);
                break;
            case AlarmEvent.Unsuppressed:
                (SuppressedBy, Cause, WatchedSince) = (null, null, entry.At);
                if (IsActive)
                {
                    Annunciate(entry);
                }

                break;
            case AlarmEvent.Chattering:
                IsChattering = true;
                break;
            case AlarmEvent.Calmed:
                IsChattering = false;
                break;
            case AlarmEvent.Escalated:
                EscalatedTo = Math.Max(EscalatedTo, Array.IndexOf(DesignTable.Targets, entry.Reason[(entry.Reason.LastIndexOf(':') + 1)..]));
                break;
            case AlarmEvent.Resolved or AlarmEvent.AutoClosed or AlarmEvent.Cancelled:
                (IsOpen, IsActive, IsAcknowledged, SuppressedBy, Cause) = (false, false, true, null, null);
                break;
            default:
                Respond(entry);
                break;
        }
    }

    private void Respond(StoredEntry entry)
    {
        switch (entry.Event)
        {
            case AlarmEvent.Seen:
                IsSeen = true;
                break;
            case AlarmEvent.Acknowledged:
                (IsAcknowledged, IsSeen, AcknowledgedAt, WatchedSince) = (true, true, entry.At, entry.At);
                break;
            case AlarmEvent.Claimed or AlarmEvent.TakenOver:
                Own(entry.AuthorId, entry.At);
                break;
            case AlarmEvent.HandedOver:
                Own(entry.Reason["to:".Length..], entry.At);
                break;
            case AlarmEvent.Released:
                (Owner, Stage) = (null, default);
                if (entry.AuthorKind == AuthorKind.Hub)
                {
                    IsReminded = false;
                    Annunciate(entry);
                }
                else
                {
                    Move(entry.At);
                }

                break;
            case AlarmEvent.Dispatched:
                if (Owner is null)
                {
                    Own(entry.AuthorId, entry.At);
                }

                Stage = entry.Event;
                Move(entry.At);
                break;
            case AlarmEvent.Accepted or AlarmEvent.EnRoute or AlarmEvent.OnScene:
                Stage = entry.Event;
                Move(entry.At);
                break;
            case AlarmEvent.Note when Owner == entry.AuthorId:
                Move(entry.At);
                break;
            case AlarmEvent.Reminded:
                IsReminded = true;
                break;
        }
    }

    private void Called(StoredEntry entry)
    {
        Count++;
        CalledSeq = entry.Seq;
    }

    private void Annunciate(StoredEntry entry)
    {
        (IsAcknowledged, IsSeen, EscalatedTo) = (false, false, -1);
        (AnnunciatedAt, AnnunciatedSeq, WatchedSince) = (entry.At, entry.Seq, entry.At);
    }

    private void Own(string user, DateTimeOffset at)
    {
        (Owner, ClaimedAt) = (user, at);
        Stage = Stage == default ? AlarmEvent.Claimed : Stage;
        Move(at);
    }

    private void Move(DateTimeOffset at) => (ProgressAt, WatchedSince, IsReminded) = (at, at, false);

    /// <summary>Reasons end in <c>shelved:{id}</c>, <c>by_design:{id}</c> or <c>out_of_service:{id}</c>; a grace changes nothing.</summary>
    private void Suppress(string reason)
    {
        var parts = reason.Split(':');
        SuppressionKind? kind = parts.Length < 2 ? null : parts[^2] switch
        {
            "shelved" => SuppressionKind.Shelved,
            "by_design" => SuppressionKind.ByDesign,
            "out_of_service" => SuppressionKind.OutOfService,
            _ => null,
        };
        if (kind is not null)
        {
            (SuppressedBy, Cause) = (kind, parts[^1]);
        }
    }
}
