using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;

namespace CareHub.Server.Notifications;

/// <summary>A notification as a channel sends it.</summary>
/// <param name="Key">The same at every attempt.</param>
/// <param name="At">When the alarm escalated or was closed.</param>
/// <param name="Place">As far as the channel may say it.</param>
/// <param name="Person">Null where the channel may not name people.</param>
/// <param name="Url">The alarm on the console; null for those who cannot sign in there.</param>
internal sealed record Message(
    string Key, Recipient Recipient, NoticeKind Notice, EscalationTarget Target, string AlarmId, int Version, DateTimeOffset At, SignalKind Kind, Priority Priority,
    DateTimeOffset OccurredAt, string SiteId, string RegionId, string Place, string? Person, string Subject, string Text, string? Url);

/// <summary>What became of one attempt. Words and numbers only: nothing that a person wrote, no address, no secret.</summary>
internal abstract record SendOutcome
{
    /// <summary>The channel has taken it over.</summary>
    internal sealed record Delivered(string Answer) : SendOutcome;

    /// <summary>May work later.</summary>
    /// <param name="After">When the other side names a time.</param>
    internal sealed record TryLater(string Error, TimeSpan? After = null) : SendOutcome;

    /// <summary>Will never work as it is.</summary>
    internal sealed record Refused(string Error) : SendOutcome;
}

/// <summary>A means of telling somebody. A failure is an outcome; what is thrown nevertheless counts as <see cref="SendOutcome.TryLater"/>.</summary>
internal interface INotifyChannel
{
    NotifyChannel Kind { get; }

    /// <summary>Whether names, rooms and home addresses may go this way.</summary>
    bool AllowsPersonalData { get; }

    Task<SendOutcome> SendAsync(Message message, CancellationToken cancellationToken);
}

/// <summary>Stands for a channel that is no longer configured while something still waits for it.</summary>
internal sealed class MissingChannel(NotifyChannel kind) : INotifyChannel
{
    public NotifyChannel Kind => kind;

    public bool AllowsPersonalData => false;

    public Task<SendOutcome> SendAsync(Message message, CancellationToken cancellationToken) =>
        Task.FromResult<SendOutcome>(new SendOutcome.Refused("not_configured"));
}
