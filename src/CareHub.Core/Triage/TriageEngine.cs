using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>
/// The alarm engine: (state, input, now) → (state, effects, reasons). Pure and deterministic; no I/O, clock,
/// randomness, threads or logging inside.
/// </summary>
internal static class TriageEngine
{
    public static StepResult Step(SiteState state, TriageInput input, DateTimeOffset now, TriageRules rules) => input switch
    {
        TriageInput.FromDevice signal => SignalTriage.Step(state, signal.Signal, signal.Device, now, rules),
        TriageInput.FromPerson person => CommandTriage.Step(state, person.Command, now),
        TriageInput.Time => DeadlineTriage.Step(state, now, rules),
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, "Unknown kind of input."),
    };
}
