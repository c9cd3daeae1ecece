using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Silences;

namespace CareHub.Core.Alarms;

/// <summary>What a person, or the hub itself, does to an alarm or a site. <see cref="Version"/> is the version the person was looking at.</summary>
internal abstract record AlarmCommand(string AlarmId, int Version, Author Author)
{
    internal sealed record Acknowledge(string AlarmId, int Version, Author Author) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record Claim(string AlarmId, int Version, Author Author) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record TakeOver(string AlarmId, int Version, Author Author, string Reason) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record Release(string AlarmId, int Version, Author Author, string? Reason, bool AnyOwner) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record Resolve(string AlarmId, int Version, Author Author, Disposition Disposition, string? Note) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record AddNote(string AlarmId, int Version, Author Author, string Note) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record Silence(string AlarmId, int Version, Author Author, int Seconds) : AlarmCommand(AlarmId, Version, Author);

    internal sealed record Seen(string AlarmId, int Version, Author Author) : AlarmCommand(AlarmId, Version, Author);

    /// <summary>Sends somebody; whoever sends holds the alarm from then on.</summary>
    internal sealed record Dispatch(string AlarmId, int Version, Author Author, string To, string ToName) : AlarmCommand(AlarmId, Version, Author);

    /// <summary>The response moves on: accepted, en route, on scene.</summary>
    internal sealed record Progress(string AlarmId, int Version, Author Author, ResponseStage Stage) : AlarmCommand(AlarmId, Version, Author);

    /// <summary>The owner gives the alarm to somebody else, at the end of a shift for example.</summary>
    internal sealed record HandOver(string AlarmId, int Version, Author Author, string To, string ToName, string? Reason) : AlarmCommand(AlarmId, Version, Author);

    /// <summary>Somebody who is not at a console was told, or could not be. It changes nothing but the story.</summary>
    internal sealed record Notified(Receipt Receipt) : AlarmCommand(Receipt.AlarmId, 0, Receipt.Author);

    /// <summary>What is done to a site and not to one of its alarms.</summary>
    internal abstract record OfSite(Author Author) : AlarmCommand("", 0, Author);

    internal sealed record Shelve(string? DeviceId, SignalKind? Kind, Author Author, string Reason, DateTimeOffset Until) : OfSite(Author);

    internal sealed record Unshelve(string ShelfId, Author Author, string Reason) : OfSite(Author);

    internal sealed record BeginMaintenance(MaintenanceMode Mode, string? DeviceId, Author Author, string Reason, DateTimeOffset Until) : OfSite(Author);

    internal sealed record EndMaintenance(string MaintenanceId, Author Author, string Reason) : OfSite(Author);

    /// <summary>The hub has found that the site's region is out: <paramref name="OutageId"/> is the alarm that says so.</summary>
    internal sealed record BeginOutage(string OutageId, Author Author) : OfSite(Author);

    internal sealed record EndOutage(string OutageId, Author Author) : OfSite(Author);

    /// <summary>No console covers the site, at whatever level.</summary>
    internal sealed record FindDeskEmpty(Author Author) : OfSite(Author);

    /// <summary>Other rules are in force; about the hub's own site.</summary>
    internal sealed record ChangeRules(string RulesVersion, Author Author, string? Reason) : OfSite(Author);
}

/// <summary>Why a command was not carried out, or that it was.</summary>
internal enum CommandOutcome : byte
{
    /// <summary>Carried out, or it already was so.</summary>
    Done = 0,
    NotFound,

    /// <summary>Closed before the command came.</summary>
    AlreadyClosed,

    /// <summary>Somebody else holds it.</summary>
    AlreadyClaimed,

    /// <summary>Something the person has not seen yet would be covered by the command.</summary>
    VersionConflict,

    /// <summary>There is no claim to release or take over.</summary>
    NotClaimed,

    /// <summary>The response is further, or nobody has been sent.</summary>
    WrongStage,

    /// <summary>Not for this person: somebody else was sent.</summary>
    NotAssigned,

    /// <summary>A silence may not cover this, or not for so long.</summary>
    NotAllowed,
}

/// <summary>The answer to a command, with the alarm as it now stands.</summary>
/// <param name="SilenceId">The shelf or maintenance that was begun.</param>
internal readonly record struct CommandResult(CommandOutcome Outcome, Alarm? Alarm, string? SilenceId = null);
