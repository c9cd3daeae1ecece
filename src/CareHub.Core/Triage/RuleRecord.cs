using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>That other rules are in force, by whom and why, stands in the timeline of the hub's own site.</summary>
internal static class RuleRecord
{
    public static CommandResult Keep(SiteStep step, AlarmCommand.ChangeRules command)
    {
        var before = step.Memory.RulesInForce;
        if (before == command.RulesVersion)
        {
            return new(CommandOutcome.Done, null);
        }

        step.Memory = step.Memory with { RulesInForce = command.RulesVersion, RuleChanges = step.Memory.RuleChanges + 1 };

        // The first rules that a hub knows replace none.
        if (before is not null)
        {
            step.Note(new($"{step.State.SiteId}~rules.{step.Memory.RuleChanges}", 1, step.Now, AlarmEvent.RulesChanged, command.Author, $"rules:{before}_to_{command.RulesVersion}", command.Reason));
        }

        return new(CommandOutcome.Done, null);
    }
}
