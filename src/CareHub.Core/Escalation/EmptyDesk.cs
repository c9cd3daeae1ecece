using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Core.Escalation;

/// <summary>
/// No console covers the site: what sounds there and nobody has answered goes straight to whoever is told by other means, whether
/// it began to sound by a signal, by the passing of time, or before the desk was left.
/// </summary>
internal static class EmptyDesk
{
    public static readonly Author Author = new(AuthorKind.Hub, "desks", "CareHub");

    public static CommandResult Find(SiteStep step)
    {
        foreach (var alarm in step.OpenInOrder(alarm => alarm.Priority <= Priority.High))
        {
            if (Escalator.WithoutDesk(alarm, step.Book.PolicyOf(alarm), step.Now) is { } escalated)
            {
                step.Apply(escalated);
            }
        }

        return new(CommandOutcome.Done, null);
    }
}
