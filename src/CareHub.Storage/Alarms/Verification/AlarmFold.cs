using CareHub.Core.Alarms;

namespace CareHub.Storage.Alarms.Verification;

/// <summary>What the timeline alone says of an alarm. Written from the meaning of the events, and not from the engine's code, which it is to check.</summary>
internal sealed class AlarmFold
{
    public int Entries { get; private set; }

    public long RaisedAt { get; private set; }

    public bool RaisedAfterDelay { get; private set; }

    public bool Active { get; private set; }

    public bool Chattering { get; private set; }

    public string? Owner { get; private set; }

    /// <summary>Signals that the entries speak of.</summary>
    public int Signals { get; private set; } = 1;

    /// <summary>Number of the last acknowledgement; 0 for none.</summary>
    public int AcknowledgedSeq { get; private set; }

    public long? ClosedAt { get; private set; }

    public string? ClosedBy { get; private set; }

    /// <summary>Takes the next entry; what is wrong with it, or null.</summary>
    public string? Take(int seq, long at, AlarmEvent what, Author author, string reason)
    {
        Entries++;
        var wrong = seq != Entries ? $"has number {seq} where {Entries} comes next"
            : ClosedAt is not null && what is not (AlarmEvent.Notified or AlarmEvent.NotifyFailed) ? $"{what} comes after the alarm was closed"
            : (what == AlarmEvent.Raised) != (Entries == 1) ? $"{what} is entry {Entries}"
            : null;
        switch (what)
        {
            case AlarmEvent.Raised:
                (RaisedAt, Active) = (at, true);
                RaisedAfterDelay = author == Author.Hub;
                break;
            case AlarmEvent.Repeated:
                Signals++;
                break;
            case AlarmEvent.Reactivated:
                (Active, Signals) = (true, Signals + 1);
                break;
            case AlarmEvent.Returned:
                Active = false;
                break;
            case AlarmEvent.Acknowledged:
                AcknowledgedSeq = seq;
                break;
            case AlarmEvent.Chattering:
                Chattering = true;
                break;
            case AlarmEvent.Calmed:
                Chattering = false;
                break;
            case AlarmEvent.Claimed or AlarmEvent.TakenOver:
                Owner = author.Id;
                break;
            case AlarmEvent.Dispatched:
                Owner ??= author.Id;
                break;
            case AlarmEvent.HandedOver:
                Owner = reason.StartsWith("to:", StringComparison.Ordinal) ? reason[3..] : reason;
                break;
            case AlarmEvent.Released:
                Owner = null;
                break;
            case AlarmEvent.Resolved or AlarmEvent.AutoClosed or AlarmEvent.Cancelled:
                (Active, Chattering, ClosedAt, ClosedBy) = (false, false, at, author.Id);
                break;
        }

        return wrong;
    }
}
