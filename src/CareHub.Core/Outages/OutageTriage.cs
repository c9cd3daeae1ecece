using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Outages;

/// <summary>
/// What an outage of its region does to a site: silent devices are on record and explained by the outage's alarm. When it is
/// over they have the grace to come back; who is still silent then is missed as usual.
/// </summary>
internal static class OutageTriage
{
    public static readonly Author Author = new(AuthorKind.Hub, "outage", "CareHub");

    public static CommandResult Begin(SiteStep step, AlarmCommand.BeginOutage command)
    {
        if (step.Memory.Outage == command.OutageId)
        {
            return new(CommandOutcome.Done, null);
        }

        step.Memory = step.Memory with { Outage = command.OutageId };
        var rules = step.Book.Defaults;

        // What was missed before the outage was known and nobody has taken up yet. Older silence has its own cause.
        var explained = step.OpenInOrder(open => open is { Kind: SignalKind.Offline, Active: true, Suppression: null, Acknowledged: false, ClaimedBy: null }
            && rules.MayBeSilenced(open) && step.Now - open.RaisedAt <= rules.Outage.Window);
        foreach (var alarm in explained)
        {
            Suppressing.Suppress(step, alarm, new(SuppressionKind.ByDesign, command.OutageId, null, alarm.Priority));
        }

        return new(CommandOutcome.Done, null);
    }

    public static CommandResult End(SiteStep step, AlarmCommand.EndOutage command)
    {
        if (step.Memory.Outage != command.OutageId)
        {
            return new(CommandOutcome.NotFound, null);
        }

        step.Memory = step.Memory with { Outage = null };
        Suppressing.Unexplain(step, command.OutageId, step.Book.Defaults.Outage.Grace);
        return new(CommandOutcome.Done, null);
    }
}
