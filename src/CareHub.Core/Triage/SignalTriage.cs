using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>What a signal does to its site.</summary>
internal static class SignalTriage
{
    /// <summary>In a fixed order, so that the same input gives the same effects.</summary>
    private static readonly SignalKind[] Kinds = Enum.GetValues<SignalKind>();

    public static StepResult Step(SiteState state, Signal signal, DeviceFacts device, DateTimeOffset now, TriageRules rules) => signal.Kind switch
    {
        SignalKind.Cancel => Cancel(state, signal, device, now),
        SignalKind.Restore => Return(state, signal, device, signal.Of, now, rules),
        SignalKind.Online => Return(state, signal, device, SignalKind.Offline, now, rules),
        SignalKind.Test => Recorded(state, "test"),
        _ when rules.BySignal.TryGetValue(signal.Kind, out var rule) => Condition(state, signal, device, rule, now, rules),
        _ => Recorded(state, "no_rule"),
    };

    private static StepResult Condition(SiteState state, Signal signal, DeviceFacts device, SignalRule rule, DateTimeOffset now, TriageRules rules)
    {
        var key = new AlarmKey(device.Id, signal.Kind);
        if (state.Open.TryGetValue(key, out var open))
        {
            return Repeat(state, open, signal, device, rule, now, rules);
        }

        if (rule.OnlyAtNight && !rules.IsNight(now))
        {
            return Recorded(state, $"rule:{rule.Name}:daytime");
        }

        if (rule.RaiseDelay > TimeSpan.Zero && signal.Source != SignalSource.Supervision)
        {
            if (state.Pending.ContainsKey(key))
            {
                return Recorded(state, $"rule:{rule.Name}:already_pending");
            }

            var pending = new PendingAlarm(key, state.SiteId, device.ResidentId, rule.PriorityFor(device), signal.OccurredAt, now + rule.RaiseDelay);
            return new(state with { Pending = state.Pending.Add(key, pending) })
            {
                Decision = new(SignalOutcome.Pending, null, $"rule:{rule.Name}:raise_delay"),
            };
        }

        var raised = AlarmChanges.Raise(state, key, device.ResidentId, rule.PriorityFor(device), signal.OccurredAt, now, AlarmChanges.AuthorOf(signal, device), rule, signal.Zone);
        return new(state.With(raised) with { Pending = state.Pending.Remove(key) })
        {
            Changes = [raised],
            Decision = new(SignalOutcome.Raised, raised.Alarm.Id, $"rule:{rule.Name}"),
        };
    }

    private static StepResult Repeat(SiteState state, Alarm open, Signal signal, DeviceFacts device, SignalRule rule, DateTimeOffset now, TriageRules rules)
    {
        var counted = open with { Count = open.Count + 1, LastSignalAt = now, Zone = signal.Zone ?? open.Zone };
        var author = AlarmChanges.AuthorOf(signal, device);
        AlarmChange change;
        SignalOutcome outcome;
        if (!open.Active)
        {
            // RTNUN → UNACK, and acknowledged → UNACK: the condition came back (ISA-18.2).
            change = AlarmChanges.Decide(counted with { Active = true }, AlarmEvent.Reactivated, now, author, $"rule:{rule.Name}").Annunciate(now);
            outcome = SignalOutcome.Reactivated;
        }
        else
        {
            change = AlarmChanges.Decide(counted, AlarmEvent.Repeated, now, author, $"rule:{rule.Name}");
            outcome = SignalOutcome.Repeated;

            // A press after the acknowledgement is a new call for help; a detector that goes on saying "smoke" is not.
            if (rule.Latching && open.Acknowledged && now - open.AnnunciatedAt >= rules.RepeatWindow)
            {
                change = change.Annunciate(now);
            }
        }

        return new(state.With(change)) { Changes = [change], Decision = new(outcome, open.Id, $"rule:{rule.Name}:deduplicated") };
    }

    private static StepResult Cancel(SiteState state, Signal signal, DeviceFacts device, DateTimeOffset now)
    {
        var key = new AlarmKey(device.Id, signal.Of ?? SignalKind.Fall);
        if (!state.Open.TryGetValue(key, out var open))
        {
            return Recorded(state, "cancel:nothing_open");
        }

        var author = AlarmChanges.AuthorOf(signal, device);

        // The person may have been on the way before the window ended, whatever the network did with the message.
        if (open.VerifyUntil is { } until && signal.OccurredAt <= until)
        {
            var cancelled = AlarmChanges.Close(open, AlarmEvent.Cancelled, now, author, Disposition.False, "cancelled_by_device");
            return new(state.With(cancelled)) { Changes = [cancelled], Decision = new(SignalOutcome.Cancelled, open.Id, "cancel:within_window") };
        }

        var late = AlarmChanges.Decide(open, AlarmEvent.CancelledLate, now, author, "cancel:too_late");
        return new(state.With(late)) { Changes = [late], Decision = new(SignalOutcome.CancelledLate, open.Id, "cancel:too_late") };
    }

    private static StepResult Return(SiteState state, Signal signal, DeviceFacts device, SignalKind? of, DateTimeOffset now, TriageRules rules)
    {
        var author = AlarmChanges.AuthorOf(signal, device);
        var changes = ImmutableArray.CreateBuilder<AlarmChange>();
        var next = state;
        var blip = false;
        foreach (var kind in Kinds)
        {
            if ((of is { } only && only != kind) || !rules.BySignal.TryGetValue(kind, out var rule))
            {
                continue;
            }

            // A restore that names nothing speaks of conditions, not of the connection.
            if (of is null && kind == SignalKind.Offline)
            {
                continue;
            }

            var key = new AlarmKey(device.Id, kind);
            if (next.Pending.ContainsKey(key))
            {
                next = next with { Pending = next.Pending.Remove(key) };
                blip = true;
            }

            if (!rule.Latching && next.Open.TryGetValue(key, out var open) && open.Active)
            {
                var returned = AlarmChanges.Decide(open with { Active = false }, AlarmEvent.Returned, now, author, $"rule:{rule.Name}");
                changes.Add(returned);
                if (rule.AutoCloseWhenLow && open.Priority == Priority.Low)
                {
                    returned = AlarmChanges.Close(returned.Alarm, AlarmEvent.AutoClosed, now, Author.Hub, Disposition.Technical, $"rule:{rule.Name}:auto_close");
                    changes.Add(returned);
                }

                next = next.With(returned);
            }
        }

        var decision = changes.Count > 0 ? new SignalDecision(SignalOutcome.Returned, changes[0].Alarm.Id, "restore")
            : blip ? new SignalDecision(SignalOutcome.Blip, null, "restore:within_raise_delay")
            : new SignalDecision(SignalOutcome.Recorded, null, "restore:nothing_active");
        return new(next) { Changes = changes.ToImmutable(), Decision = decision };
    }

    private static StepResult Recorded(SiteState state, string reason) =>
        new(state) { Decision = new(SignalOutcome.Recorded, null, reason) };
}
