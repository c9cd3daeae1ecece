using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Outages;
using CareHub.Core.Silences;

namespace CareHub.Core.Triage;

/// <summary>
/// The alarm engine: (state, input, now) → (state, effects, reasons). Pure and deterministic; no I/O, clock,
/// randomness, threads or logging inside.
/// </summary>
internal static class TriageEngine
{
    public static StepResult Step(SiteState state, TriageInput input, DateTimeOffset now, RuleBook rules)
    {
        var step = new SiteStep(state, now, rules);
        switch (input)
        {
            case TriageInput.FromDevice signal:
                return step.Result(SignalTriage.Take(step, signal));
            case TriageInput.FromPerson { Command: AlarmCommand.BeginOutage outage }:
                return step.Result(command: OutageTriage.Begin(step, outage));
            case TriageInput.FromPerson { Command: AlarmCommand.EndOutage outage }:
                return step.Result(command: OutageTriage.End(step, outage));
            case TriageInput.FromPerson { Command: AlarmCommand.FindDeskEmpty }:
                return step.Result(command: EmptyDesk.Find(step));
            case TriageInput.FromPerson { Command: AlarmCommand.ChangeRules change }:
                return step.Result(command: RuleRecord.Keep(step, change));
            case TriageInput.FromPerson { Command: AlarmCommand.OfSite silence }:
                return step.Result(command: SilenceTriage.Run(step, silence));
            case TriageInput.FromPerson person:
                return step.Result(command: CommandTriage.Run(step, person.Command));
            case TriageInput.Time:
                DeadlineTriage.Pass(step);
                return step.Result();
            default:
                throw new ArgumentOutOfRangeException(nameof(input), input, "Unknown kind of input.");
        }
    }
}
