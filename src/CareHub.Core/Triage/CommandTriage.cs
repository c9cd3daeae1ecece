using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>
/// What a person's act does to an alarm. An act on an older version is judged by what it would cover: never more than
/// the person had seen.
/// </summary>
internal static class CommandTriage
{
    public static CommandResult Run(SiteStep step, AlarmCommand command)
    {
        var alarm = step.State.FindOpen(command.AlarmId);
        if (alarm is null)
        {
            // The pipeline tells an unknown id from a closed alarm: only the store remembers closed ones.
            return new(CommandOutcome.NotFound, null);
        }

        return command switch
        {
            AlarmCommand.Acknowledge acknowledge => Acknowledge(step, alarm, acknowledge),
            AlarmCommand.Claim claim => Claim(step, alarm, claim),
            AlarmCommand.TakeOver takeOver => TakeOver(step, alarm, takeOver),
            AlarmCommand.Release release => Release(step, alarm, release),
            AlarmCommand.HandOver handOver => HandOver(step, alarm, handOver),
            AlarmCommand.Dispatch dispatch => Dispatch(step, alarm, dispatch),
            AlarmCommand.Progress progress => Progress(step, alarm, progress),
            AlarmCommand.Resolve resolve => Resolve(step, alarm, resolve),
            AlarmCommand.AddNote note => Note(step, alarm, note),
            AlarmCommand.Silence silence => Done(step, AlarmChanges.Mark(alarm, AlarmEvent.Silenced, step.Now, silence.Author, $"silence:{silence.Seconds}s")),
            AlarmCommand.Seen seen => Seen(step, alarm, seen),
            AlarmCommand.Notified notified => Done(step, AlarmChanges.Mark(alarm, notified.Receipt.Event, step.Now, notified.Author, notified.Receipt.Reason)),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "Unknown kind of command."),
        };
    }

    private static CommandResult Acknowledge(SiteStep step, Alarm alarm, AlarmCommand.Acknowledge command)
    {
        if (alarm.Acknowledged)
        {
            return new(CommandOutcome.Done, alarm);
        }

        // ISA-18.2: acknowledge only what existed when the operator pressed.
        if (command.Version < alarm.AnnunciatedVersion)
        {
            return new(CommandOutcome.VersionConflict, alarm);
        }

        var acknowledged = alarm with { Acknowledged = true, Seen = true, AcknowledgedBy = Sign(command.Author, step.Now) };
        return Done(step, AlarmChanges.Mark(acknowledged, AlarmEvent.Acknowledged, step.Now, command.Author, "acknowledged"));
    }

    private static CommandResult Claim(SiteStep step, Alarm alarm, AlarmCommand.Claim command)
    {
        if (alarm.ClaimedBy is { } owner)
        {
            return new(owner.User == command.Author.Id ? CommandOutcome.Done : CommandOutcome.AlreadyClaimed, alarm);
        }

        return Done(step, AlarmChanges.Decide(Owned(alarm, command.Author.Id, command.Author.Name, step.Now), AlarmEvent.Claimed, step.Now, command.Author, "claimed"));
    }

    private static CommandResult TakeOver(SiteStep step, Alarm alarm, AlarmCommand.TakeOver command)
    {
        if (alarm.ClaimedBy is not { } owner)
        {
            return new(CommandOutcome.NotClaimed, alarm);
        }

        if (owner.User == command.Author.Id)
        {
            return new(CommandOutcome.Done, alarm);
        }

        // Two who take over at once: the second has not seen the first.
        if (command.Version < alarm.DecisiveVersion)
        {
            return new(CommandOutcome.VersionConflict, alarm);
        }

        var taken = Owned(alarm, command.Author.Id, command.Author.Name, step.Now);
        return Done(step, AlarmChanges.Decide(taken, AlarmEvent.TakenOver, step.Now, command.Author, $"from:{owner.User}", command.Reason));
    }

    private static CommandResult HandOver(SiteStep step, Alarm alarm, AlarmCommand.HandOver command)
    {
        if (NotTheOwner(alarm, command.Author) is { } refusal)
        {
            return refusal;
        }

        var given = Owned(alarm, command.To, command.ToName, step.Now);
        return Done(step, AlarmChanges.Decide(given, AlarmEvent.HandedOver, step.Now, command.Author, $"to:{command.To}", command.Reason));
    }

    private static CommandResult Release(SiteStep step, Alarm alarm, AlarmCommand.Release command)
    {
        if (alarm.ClaimedBy is not { } owner)
        {
            return new(CommandOutcome.NotClaimed, alarm);
        }

        if (owner.User != command.Author.Id && !command.AnyOwner)
        {
            return new(CommandOutcome.AlreadyClaimed, alarm);
        }

        var free = alarm with { ClaimedBy = null, AssignedTo = null, Stage = ResponseStage.None, ProgressAt = step.Now, Reminded = false };
        return Done(step, AlarmChanges.Decide(free, AlarmEvent.Released, step.Now, command.Author, $"from:{owner.User}", command.Reason));
    }

    private static CommandResult Dispatch(SiteStep step, Alarm alarm, AlarmCommand.Dispatch command)
    {
        if (alarm.ClaimedBy is { } owner && owner.User != command.Author.Id)
        {
            return new(CommandOutcome.AlreadyClaimed, alarm);
        }

        // Whoever is there already is not sent away by a second dispatch.
        if (alarm.Stage == ResponseStage.OnScene)
        {
            return new(CommandOutcome.WrongStage, alarm);
        }

        // Whoever sends somebody has taken notice; as with an acknowledgement, of what was on the screen and no more.
        var noticed = Acknowledge(step, alarm, new(alarm.Id, command.Version, command.Author)).Alarm!;
        var sent = (noticed.ClaimedBy is null ? Owned(noticed, command.Author.Id, command.Author.Name, step.Now) : noticed) with
        {
            Stage = ResponseStage.Dispatched,
            AssignedTo = new Signature(command.To, command.ToName, step.Now),
            ProgressAt = step.Now,
            Reminded = false,
        };
        return Done(step, AlarmChanges.Decide(sent, AlarmEvent.Dispatched, step.Now, command.Author, $"to:{command.To}"));
    }

    private static CommandResult Progress(SiteStep step, Alarm alarm, AlarmCommand.Progress command)
    {
        if (alarm.AssignedTo is not { } carer)
        {
            return new(CommandOutcome.WrongStage, alarm);
        }

        // The dispatcher may report for the carer, by telephone for example.
        if (carer.User != command.Author.Id && alarm.ClaimedBy?.User != command.Author.Id)
        {
            return new(CommandOutcome.NotAssigned, alarm);
        }

        if (command.Stage <= alarm.Stage)
        {
            return new(command.Stage == alarm.Stage ? CommandOutcome.Done : CommandOutcome.WrongStage, alarm);
        }

        var moved = alarm with { Stage = command.Stage, ProgressAt = step.Now, Reminded = false };
        var @event = command.Stage switch
        {
            ResponseStage.Accepted => AlarmEvent.Accepted,
            ResponseStage.EnRoute => AlarmEvent.EnRoute,
            ResponseStage.OnScene => AlarmEvent.OnScene,
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.Stage, "Not a stage that a carer reports."),
        };
        return Done(step, AlarmChanges.Decide(moved, @event, step.Now, command.Author, $"by:{carer.User}"));
    }

    private static CommandResult Resolve(SiteStep step, Alarm alarm, AlarmCommand.Resolve command)
    {
        // The carer on scene may close what the operator dispatched.
        if (alarm.ClaimedBy is { } owner && owner.User != command.Author.Id && alarm.AssignedTo?.User != command.Author.Id)
        {
            return new(CommandOutcome.AlreadyClaimed, alarm);
        }

        // A second press, or another person's act, that the resolver has not seen must not be closed with the rest.
        if (command.Version < alarm.DecisiveVersion)
        {
            return new(CommandOutcome.VersionConflict, alarm);
        }

        var signed = alarm.Acknowledged ? alarm : alarm with { AcknowledgedBy = Sign(command.Author, step.Now) };
        var closed = Done(step, AlarmChanges.Close(signed, AlarmEvent.Resolved, step.Now, command.Author, command.Disposition, $"disposition:{Words<Disposition>.Of(command.Disposition)}", command.Note));
        Suppressing.Unexplain(step, alarm, step.Book.Defaults);
        return closed;
    }

    /// <summary>A note by the owner is progress: somebody is at work.</summary>
    private static CommandResult Note(SiteStep step, Alarm alarm, AlarmCommand.AddNote command)
    {
        var noted = alarm.ClaimedBy?.User == command.Author.Id ? alarm with { ProgressAt = step.Now, Reminded = false } : alarm;
        return Done(step, AlarmChanges.Mark(noted, AlarmEvent.Note, step.Now, command.Author, "note", command.Note));
    }

    /// <summary>The first sighting of each annunciation is a fact of the alarm; later ones by other consoles add nothing to its story.</summary>
    private static CommandResult Seen(SiteStep step, Alarm alarm, AlarmCommand.Seen command)
    {
        if (alarm.Seen)
        {
            return new(CommandOutcome.Done, alarm);
        }

        var seen = alarm with { Seen = true, FirstSeenBy = alarm.FirstSeenBy ?? Sign(command.Author, step.Now) };
        return Done(step, AlarmChanges.Mark(seen, AlarmEvent.Seen, step.Now, command.Author, "sighting"));
    }

    private static Alarm Owned(Alarm alarm, string user, string name, DateTimeOffset now) => alarm with
    {
        ClaimedBy = new Signature(user, name, now),
        Stage = alarm.Stage == ResponseStage.None ? ResponseStage.Claimed : alarm.Stage,
        ProgressAt = now,
        Reminded = false,
    };

    private static CommandResult? NotTheOwner(Alarm alarm, Author author) =>
        alarm.ClaimedBy is not { } owner ? new(CommandOutcome.NotClaimed, alarm)
        : owner.User != author.Id ? new(CommandOutcome.AlreadyClaimed, alarm)
        : null;

    private static Signature Sign(Author author, DateTimeOffset now) => new(author.Id, author.Name, now);

    private static CommandResult Done(SiteStep step, AlarmChange change) => new(CommandOutcome.Done, step.Apply(change).Alarm);
}
