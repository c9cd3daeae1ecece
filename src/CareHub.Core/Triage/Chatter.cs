using System.Collections.Immutable;
using System.Numerics;
using CareHub.Core.Alarms;

namespace CareHub.Core.Triage;

/// <summary>
/// A condition that comes and goes (ISA-18.2, chattering) is one alarm until it is calm. It stays open and no longer
/// sounds at each return; a critical one sounds all the same.
/// </summary>
internal static class Chatter
{
    /// <summary>Counts an activation of the alarm's condition.</summary>
    public static Alarm Count(SiteStep step, Alarm alarm, TriageRules rules)
    {
        var window = step.Memory.Activations.GetValueOrDefault(alarm.Key).Next(step.Now, rules.Chattering.Window);
        step.Memory = step.Memory with { Activations = Recent(step, rules).SetItem(alarm.Key, window) };
        return window.Count <= rules.Chattering.Max || alarm.Chattering
            ? alarm
            : step.Apply(AlarmChanges.Decide(alarm with { Chattering = true }, AlarmEvent.Chattering, step.Now, Author.Hub, $"activations:{window.Count}")).Alarm;
    }

    /// <summary>Whether a return of the condition should sound.</summary>
    public static bool MaySound(Alarm alarm) => !alarm.Chattering || alarm.Priority == Priority.Critical;

    /// <summary>It has not come for long enough: an alarm like any other, and closed if it had only waited for that.</summary>
    public static void Calm(SiteStep step, Alarm alarm, TriageRules rules)
    {
        if (!alarm.Chattering || alarm.ActivatedAt + rules.Chattering.Calm > step.Now)
        {
            return;
        }

        var calmed = step.Apply(AlarmChanges.Mark(alarm with { Chattering = false }, AlarmEvent.Calmed, step.Now, Author.Hub, "calm")).Alarm;
        if (!calmed.Active && calmed.Priority == Priority.Low && rules.BySignal.TryGetValue(calmed.Kind, out var rule) && rule.AutoCloseWhenLow)
        {
            step.Apply(AlarmChanges.Close(calmed, AlarmEvent.AutoClosed, step.Now, Author.Hub, Disposition.Technical, $"rule:{rule.Name}:auto_close"));
        }
    }

    /// <summary>
    /// Windows that have passed are forgotten, so that a site remembers only what is going on; looked for whenever the
    /// number of windows has come to a power of two, since to look at each activation would make a storm cost its square.
    /// </summary>
    private static ImmutableDictionary<AlarmKey, ActivationWindow> Recent(SiteStep step, TriageRules rules)
    {
        var activations = step.Memory.Activations;
        return !BitOperations.IsPow2(activations.Count)
            ? activations
            : activations.RemoveRange(activations.Where(pair => step.Now - pair.Value.From > rules.Chattering.Window).Select(pair => pair.Key));
    }
}
