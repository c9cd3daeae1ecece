using CareHub.Core.Escalation;
using CareHub.Core.Notifications;

namespace CareHub.Storage.Alarms;

/// <summary>A notification: written with the change that causes it, finished with its receipt.</summary>
internal sealed class OutboxRow
{
    public long Position { get; set; }

    /// <summary>The idempotency key, see <see cref="Notice.KeyOf"/>.</summary>
    public required string Key { get; set; }
    public required string AlarmId { get; set; }
    public int Version { get; set; }
    public NotifyChannel Channel { get; set; }
    public required string Recipient { get; set; }
    public required string Address { get; set; }
    public NoticeKind Kind { get; set; }

    /// <summary>As whom the recipient was first told of the alarm.</summary>
    public EscalationTarget Target { get; set; }

    /// <summary>When the change happened.</summary>
    public long CreatedAt { get; set; }
    public NotificationState State { get; set; }
    public int Attempts { get; set; }

    /// <summary>Not to be sent before.</summary>
    public long NextAt { get; set; }
    public string? LastError { get; set; }

    /// <summary>What the channel answered in the end.</summary>
    public string? Answer { get; set; }
    public long? DoneAt { get; set; }
}
