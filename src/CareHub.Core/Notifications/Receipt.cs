using CareHub.Core.Alarms;

namespace CareHub.Core.Notifications;

/// <summary>How far a notification has come. The numbers are stored; never renumber.</summary>
internal enum NotificationState : byte
{
    Waiting = 1,

    /// <summary>The channel has taken it over.</summary>
    Delivered = 2,

    /// <summary>It will not be tried again.</summary>
    GivenUp = 3,
}

/// <summary>The end of a notification.</summary>
/// <param name="Key">The notification's idempotency key.</param>
/// <param name="State">Delivered or given up.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Answer">What the channel answered: a code, and the provider's id if it gave one.</param>
/// <param name="Reason"><c>channel:recipient, masked:outcome</c>, for the timeline.</param>
internal sealed record Receipt(string Key, string AlarmId, NotificationState State, DateTimeOffset At, int Attempts, string Answer, string Reason)
{
    public static readonly Author Author = new(AuthorKind.Hub, "notify", "CareHub");

    public AlarmEvent Event => State == NotificationState.Delivered ? AlarmEvent.Notified : AlarmEvent.NotifyFailed;
}

/// <summary>A receipt on its way to the disk.</summary>
/// <param name="IsLate">The alarm was closed before: its story gets one more entry, which the ledger numbers.</param>
internal readonly record struct KeptReceipt(Receipt Receipt, bool IsLate);
