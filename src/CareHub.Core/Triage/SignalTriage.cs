using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Silences;

namespace CareHub.Core.Triage;

/// <summary>What a signal does to its site.</summary>
internal static class SignalTriage
{
    /// <summary>In a fixed order, so that the same input gives the same effects.</summary>
    private static readonly SignalKind[] Kinds = Enum.GetValues<SignalKind>();

    public static SignalDecision Take(SiteStep step, TriageInput.FromDevice input)
    {
        var (signal, device) = (input.Signal, input.Device);
        var rules = step.Book.For(device, step.Now);
        return signal.Kind switch
        {
            SignalKind.Cancel => Cancel(step, signal, device, rules),
            SignalKind.Restore => Return(step, signal, device, signal.Of, rules),
            SignalKind.Online => Return(step, signal, device, SignalKind.Offline, rules),
            SignalKind.Test => Tested(step, device) ?? Recorded("test"),
            _ when rules.BySignal.TryGetValue(signal.Kind, out var rule) => Condition(step, input, rule, rules),
            _ => Recorded("no_rule"),
        };
    }

    private static SignalDecision Condition(SiteStep step, TriageInput.FromDevice input, SignalRule rule, TriageRules rules)
    {
        var (signal, device) = (input.Signal, input.Device);
        if (signal.Source == SignalSource.Device && Tested(step, device) is { } tested)
        {
            return tested;
        }

        var key = new AlarmKey(device.Id, signal.Kind);
        if (step.State.Open.TryGetValue(key, out var open))
        {
            return Repeat(step, open, signal, device, rule, rules);
        }

        if (rule.OnlyAtNight && !rules.IsNight(step.Now))
        {
            return Recorded($"rule:{rule.Name}:daytime");
        }

        if (rule.RaiseDelay > TimeSpan.Zero && signal.Source != SignalSource.Supervision)
        {
            if (step.State.Pending.ContainsKey(key))
            {
                return Recorded($"rule:{rule.Name}:already_pending");
            }

            step.Wait(new PendingAlarm(signal.Kind, device, signal.OccurredAt, step.Now + rule.RaiseDelay));
            return new(SignalOutcome.Pending, null, $"rule:{rule.Name}:raise_delay");
        }

        step.Drop(key);
        var priority = rule.PriorityFor(device, signal.Confidence);
        var raised = Raising.Raise(step, new(signal.Kind, device, priority, signal.OccurredAt, AlarmChanges.AuthorOf(signal, device), signal.Zone, input.IsStaffed), rule, rules);
        return new(SignalOutcome.Raised, raised.Id, $"rule:{rule.Name}");
    }

    private static SignalDecision Repeat(SiteStep step, Alarm open, Signal signal, DeviceFacts device, SignalRule rule, TriageRules rules)
    {
        var now = step.Now;
        var counted = open with { Count = open.Count + 1, LastSignalAt = now, Zone = signal.Zone ?? open.Zone };
        var author = AlarmChanges.AuthorOf(signal, device);
        if (!open.Active)
        {
            // RTNUN → UNACK, and acknowledged → UNACK: the condition came back (ISA-18.2).
            var back = AlarmChanges.Decide(counted with { Active = true, ActivatedAt = now }, AlarmEvent.Reactivated, now, author, $"rule:{rule.Name}");
            var reactivated = step.Apply(Chatter.MaySound(open) && open.Suppression is null ? back.Annunciate(now) : back).Alarm;
            reactivated = Chatter.Count(step, reactivated, rules);
            reactivated = Incidents.Confirm(step, reactivated, rules);
            Rise(step, reactivated, rule.PriorityFor(device, signal.Confidence), rule, rules);
            return new(SignalOutcome.Reactivated, open.Id, $"rule:{rule.Name}:deduplicated");
        }

        // A press after the acknowledgement is a new call for help; a detector that goes on saying "smoke" is not.
        var again = AlarmChanges.Decide(counted, AlarmEvent.Repeated, now, author, $"rule:{rule.Name}");
        var calls = rule.Latching && open.Acknowledged && open.Suppression is null && now - open.AnnunciatedAt >= rules.RepeatWindow;
        var repeated = step.Apply(calls ? again.Annunciate(now) : again).Alarm;
        Rise(step, repeated, rule.PriorityFor(device, signal.Confidence), rule, rules);
        return new(SignalOutcome.Repeated, open.Id, $"rule:{rule.Name}:deduplicated");
    }

    /// <summary>ISA-18.2: when the severity rises, the alarm sounds anew. It never falls by itself.</summary>
    private static void Rise(SiteStep step, Alarm alarm, Priority priority, SignalRule rule, TriageRules rules)
    {
        var had = alarm.Suppression?.Restores ?? alarm.Priority;
        if (priority >= had)
        {
            return;
        }

        var reason = $"rule:{rule.Name}:{Words<Priority>.Of(had)}_to_{Words<Priority>.Of(priority)}";
        Alarm Risen(Alarm before) => before with { Priority = priority, Policy = rules.Escalation[priority].Name };
        if (alarm.Suppression is { } suppression)
        {
            if (suppression.Kind == SuppressionKind.OutOfService || rules.MayBeSilenced(Risen(alarm)))
            {
                // It stays quiet, and sounds as grave as it has become when what keeps it quiet is over.
                var quiet = Suppressing.Under(Risen(alarm), suppression with { Restores = priority });
                step.Apply(AlarmChanges.Decide(quiet, AlarmEvent.Reprioritised, step.Now, Author.Hub, reason));
                return;
            }

            // A suspicion could be shelved; that it is true cannot.
            Suppressing.Release(step, alarm, $"{suppression.Cause}:may_not_cover");
            alarm = step.State.Open[alarm.Key];
        }

        step.Apply(AlarmChanges.Decide(Risen(alarm), AlarmEvent.Reprioritised, step.Now, Author.Hub, reason).Annunciate(step.Now));
    }

    /// <summary>In a walk test whatever the device says is a test: counted for the installer, and no alarm.</summary>
    private static SignalDecision? Tested(SiteStep step, DeviceFacts device)
    {
        if (step.Memory.Maintenance.IsEmpty)
        {
            return null;
        }

        var walkTest = step.Memory.Maintenance.Values.Where(each => each.Mode == MaintenanceMode.WalkTest && each.Covers(device)).MinBy(each => (each.Until, each.Id));
        if (walkTest is null)
        {
            return null;
        }

        step.Memory = step.Memory with { Maintenance = step.Memory.Maintenance.SetItem(walkTest.Id, walkTest with { Tests = walkTest.Tests + 1 }) };
        return new(SignalOutcome.Tested, null, $"walk_test:{walkTest.Id}");
    }

    private static SignalDecision Cancel(SiteStep step, Signal signal, DeviceFacts device, TriageRules rules)
    {
        var key = new AlarmKey(device.Id, signal.Of ?? SignalKind.Fall);
        if (!step.State.Open.TryGetValue(key, out var open))
        {
            return Recorded("cancel:nothing_open");
        }

        var author = AlarmChanges.AuthorOf(signal, device);

        // The person may have been on the way before the window ended, whatever the network did with the message.
        if (open.VerifyUntil is { } until && signal.OccurredAt <= until)
        {
            step.Apply(AlarmChanges.Close(open, AlarmEvent.Cancelled, step.Now, author, Disposition.False, "cancelled_by_device"));
            Suppressing.Unexplain(step, open, rules);
            return new(SignalOutcome.Cancelled, open.Id, "cancel:within_window");
        }

        step.Apply(AlarmChanges.Decide(open, AlarmEvent.CancelledLate, step.Now, author, "cancel:too_late"));
        return new(SignalOutcome.CancelledLate, open.Id, "cancel:too_late");
    }

    private static SignalDecision Return(SiteStep step, Signal signal, DeviceFacts device, SignalKind? of, TriageRules rules)
    {
        var author = AlarmChanges.AuthorOf(signal, device);
        string? first = null;
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
            blip |= step.Drop(key);
            if (!rule.Latching && step.State.Open.TryGetValue(key, out var open) && open.Active)
            {
                Return(step, open, rule, author, rules);
                first ??= open.Id;
            }
        }

        return first is not null ? new(SignalOutcome.Returned, first, "restore")
            : blip ? new(SignalOutcome.Blip, null, "restore:within_raise_delay")
            : Recorded("restore:nothing_active");
    }

    private static void Return(SiteStep step, Alarm open, SignalRule rule, Author author, TriageRules rules)
    {
        var returned = step.Apply(AlarmChanges.Decide(open with { Active = false }, AlarmEvent.Returned, step.Now, author, $"rule:{rule.Name}")).Alarm;
        if (rule.AutoCloseWhenLow && returned is { Priority: Priority.Low, Chattering: false })
        {
            step.Apply(AlarmChanges.Close(returned, AlarmEvent.AutoClosed, step.Now, Author.Hub, Disposition.Technical, $"rule:{rule.Name}:auto_close"));
        }

        Suppressing.Unexplain(step, open, rules);
    }

    private static SignalDecision Recorded(string reason) => new(SignalOutcome.Recorded, null, reason);
}
