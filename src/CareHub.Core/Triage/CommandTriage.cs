using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>
/// What a person's act does to an alarm. An act on an older version is judged by what it would cover: never more than
/// the person had seen.
/// </summary>
internal static class CommandTriage
{
    public static StepResult Step(SiteState state, AlarmCommand command, DateTimeOffset now)
    {
        var alarm = state.FindOpen(command.AlarmId);
        if (alarm is null)
        {
            // The pipeline tells an unknown id from a closed alarm: only the store remembers closed ones.
            return new(state) { Command = new(CommandOutcome.NotFound, null) };
        }

        return command switch
        {
            AlarmCommand.Acknowledge acknowledge => Acknowledge(state, alarm, acknowledge, now),
            AlarmCommand.Claim claim => Claim(state, alarm, claim, now),
            AlarmCommand.TakeOver takeOver => TakeOver(state, alarm, takeOver, now),
            AlarmCommand.Release release => Release(state, alarm, release, now),
            AlarmCommand.Resolve resolve => Resolve(state, alarm, resolve, now),
            AlarmCommand.AddNote note => Done(state, AlarmChanges.Mark(alarm, AlarmEvent.Note, now, note.Author, "note", note.Note)),
            AlarmCommand.Silence silence => Done(state, AlarmChanges.Mark(alarm, AlarmEvent.Silenced, now, silence.Author, $"silence:{silence.Seconds}s")),
            AlarmCommand.Seen seen => Seen(state, alarm, seen, now),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "Unknown kind of command."),
        };
    }

    private static StepResult Acknowledge(SiteState state, Alarm alarm, AlarmCommand.Acknowledge command, DateTimeOffset now)
    {
        if (alarm.Acknowledged)
        {
            return Unchanged(state, CommandOutcome.Done, alarm);
        }

        // ISA-18.2: acknowledge only what existed when the operator pressed.
        if (command.Version < alarm.AnnunciatedVersion)
        {
            return Unchanged(state, CommandOutcome.VersionConflict, alarm);
        }

        var acknowledged = alarm with { Acknowledged = true, AcknowledgedBy = Sign(command.Author, now) };
        return Done(state, AlarmChanges.Mark(acknowledged, AlarmEvent.Acknowledged, now, command.Author, "acknowledged"));
    }

    private static StepResult Claim(SiteState state, Alarm alarm, AlarmCommand.Claim command, DateTimeOffset now)
    {
        if (alarm.ClaimedBy is { } owner)
        {
            return Unchanged(state, owner.User == command.Author.Id ? CommandOutcome.Done : CommandOutcome.AlreadyClaimed, alarm);
        }

        return Done(state, AlarmChanges.Decide(alarm with { ClaimedBy = Sign(command.Author, now) }, AlarmEvent.Claimed, now, command.Author, "claimed"));
    }

    private static StepResult TakeOver(SiteState state, Alarm alarm, AlarmCommand.TakeOver command, DateTimeOffset now)
    {
        if (alarm.ClaimedBy is not { } owner)
        {
            return Unchanged(state, CommandOutcome.NotClaimed, alarm);
        }

        if (owner.User == command.Author.Id)
        {
            return Unchanged(state, CommandOutcome.Done, alarm);
        }

        // Two who take over at once: the second has not seen the first.
        if (command.Version < alarm.DecisiveVersion)
        {
            return Unchanged(state, CommandOutcome.VersionConflict, alarm);
        }

        return Done(state, AlarmChanges.Decide(alarm with { ClaimedBy = Sign(command.Author, now) }, AlarmEvent.TakenOver, now, command.Author, $"from:{owner.User}", command.Reason));
    }

    private static StepResult Release(SiteState state, Alarm alarm, AlarmCommand.Release command, DateTimeOffset now)
    {
        if (alarm.ClaimedBy is not { } owner)
        {
            return Unchanged(state, CommandOutcome.NotClaimed, alarm);
        }

        if (owner.User != command.Author.Id && !command.AnyOwner)
        {
            return Unchanged(state, CommandOutcome.AlreadyClaimed, alarm);
        }

        return Done(state, AlarmChanges.Decide(alarm with { ClaimedBy = null }, AlarmEvent.Released, now, command.Author, $"from:{owner.User}", command.Reason));
    }

    private static StepResult Resolve(SiteState state, Alarm alarm, AlarmCommand.Resolve command, DateTimeOffset now)
    {
        if (alarm.ClaimedBy is { } owner && owner.User != command.Author.Id)
        {
            return Unchanged(state, CommandOutcome.AlreadyClaimed, alarm);
        }

        // A second press, or another person's act, that the resolver has not seen must not be closed with the rest.
        if (command.Version < alarm.DecisiveVersion)
        {
            return Unchanged(state, CommandOutcome.VersionConflict, alarm);
        }

        var signed = alarm.Acknowledged ? alarm : alarm with { AcknowledgedBy = Sign(command.Author, now) };
        return Done(state, AlarmChanges.Close(signed, AlarmEvent.Resolved, now, command.Author, command.Disposition, $"disposition:{Words<Disposition>.Of(command.Disposition)}", command.Note));
    }

    /// <summary>The first sighting is a fact of the alarm; later ones by other consoles add nothing to its story.</summary>
    private static StepResult Seen(SiteState state, Alarm alarm, AlarmCommand.Seen command, DateTimeOffset now)
    {
        if (alarm.FirstSeenBy is not null)
        {
            return Unchanged(state, CommandOutcome.Done, alarm);
        }

        return Done(state, AlarmChanges.Mark(alarm with { FirstSeenBy = Sign(command.Author, now) }, AlarmEvent.Seen, now, command.Author, "sighting"));
    }

    private static Signature Sign(Author author, DateTimeOffset now) => new(author.Id, author.Name, now);

    private static StepResult Unchanged(SiteState state, CommandOutcome outcome, Alarm alarm) =>
        new(state) { Command = new(outcome, alarm) };

    private static StepResult Done(SiteState state, AlarmChange change) =>
        new(state.With(change)) { Changes = [change], Command = new(CommandOutcome.Done, change.Alarm) };
}
