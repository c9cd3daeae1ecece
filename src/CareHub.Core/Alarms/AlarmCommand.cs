namespace CareHub.Core.Alarms;

/// <summary>What a person does to an alarm. <see cref="Version"/> is the version the person was looking at.</summary>
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
}

/// <summary>The answer to a command, with the alarm as it now stands.</summary>
internal readonly record struct CommandResult(CommandOutcome Outcome, Alarm? Alarm);
