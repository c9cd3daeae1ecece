using System.Diagnostics.Metrics;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Server.Metrics;

/// <summary>What triage decided and what happened to alarms, counted from what has reached the disk. Its only writer is the thread that commits.</summary>
internal sealed class TriageCounts
{
    /// <summary>The words that decisions end with; what a rule file adds counts under <c>other</c>, so that labels stay bounded.</summary>
    private static readonly string[] Reasons =
    [
        "rule", "deduplicated", "raise_delay", "already_pending", "daytime", "no_rule", "test", "walk_test", "cancel_within_window", "cancel_too_late", "cancel_nothing_open",
        "restore", "restore_within_raise_delay", "restore_nothing_active", "other",
    ];

    private readonly long[,] _decisions = Table<SignalKind, SignalOutcome>();
    private readonly long[,] _events = Table<AlarmEvent, Priority>();
    private readonly long[] _escalations = new long[Size<EscalationTarget>()];
    private readonly long[] _reasons = new long[Reasons.Length];
    private readonly HubMeter _meter;

    public TriageCounts(HubMeter meter)
    {
        _meter = meter;
        meter.Meter.CreateObservableCounter("carehub.triage.decisions", () => Cells<SignalKind, SignalOutcome>(_decisions, "kind", "outcome"), "{signal}", "Signals on record, by kind and what triage made of them.");
        meter.Meter.CreateObservableCounter("carehub.triage.reasons", () => Reasons.Select((word, index) => new Measurement<long>(Volatile.Read(ref _reasons[index]), Tag("reason", word))), "{signal}", "Signals on record, by the reason of the decision.");
        meter.Meter.CreateObservableCounter("carehub.alarm.events", () => Cells<AlarmEvent, Priority>(_events, "event", "priority"), "{event}", "Entries in the timelines of alarms.");
        meter.Meter.CreateObservableCounter("carehub.escalations", () => Enum.GetValues<EscalationTarget>().Select(target => new Measurement<long>(Volatile.Read(ref _escalations[(int)target]), Tag("target", Words<EscalationTarget>.Of(target)))), "{escalation}", "Alarms that nobody answered in time, by whom they went to.");
    }

    /// <param name="from">When its transaction began, and when it had reached the disk: for traces.</param>
    /// <param name="to">As <paramref name="from"/>.</param>
    public void Count(CommitBatch batch, DateTimeOffset from, DateTimeOffset to)
    {
        var isTraced = SignalTrace.IsOn;
        foreach (var signal in batch.Signals)
        {
            var decision = signal.Decision;
            _decisions[(int)signal.Signal.Kind, (int)decision.Outcome]++;
            _reasons[ReasonOf(decision.Reason)]++;
            var trace = isTraced ? SignalTrace.Committed(signal, from, to) : default;
            if (decision is { Outcome: SignalOutcome.Raised, AlarmId: { } alarmId })
            {
                _meter.Presses.Raised(new Press(alarmId, signal.Signal.ReceivedAt, trace));
            }
        }

        foreach (var change in batch.Changes)
        {
            Count(change.Alarm, change.Entry);
        }
    }

    private void Count(Alarm alarm, TimelineEntry entry)
    {
        _events[(int)entry.Event, (int)alarm.Priority]++;
        switch (entry.Event)
        {
            case AlarmEvent.Escalated when alarm.EscalatedTo is { } target:
                _escalations[(int)target]++;
                break;
            case AlarmEvent.Seen:
                _meter.Sighted(alarm.Priority, entry.At - alarm.AnnunciatedAt);
                break;
            case AlarmEvent.Acknowledged:
                _meter.Answered(alarm.Priority, entry.At - alarm.AnnunciatedAt);
                break;
            case AlarmEvent.OnScene:
                _meter.OnScene(alarm.Priority, entry.At - alarm.RaisedAt);
                break;
        }
    }

    /// <summary>A reason is <c>rule:bed_exit@night:deduplicated</c>, <c>restore:nothing_active</c>, <c>walk_test:id</c>: the words, without names that people gave.</summary>
    internal static int ReasonOf(ReadOnlySpan<char> reason)
    {
        var colon = reason.IndexOf(':');
        var head = colon < 0 ? reason : reason[..colon];
        var tail = colon < 0 ? [] : reason[(colon + 1)..];
        var word = head switch
        {
            "rule" when tail.IndexOf(':') is var end => end < 0 ? "rule" : tail[(end + 1)..],
            "cancel" => tail switch { "within_window" => "cancel_within_window", "too_late" => "cancel_too_late", _ => "cancel_nothing_open" },
            "restore" => tail switch { "" => "restore", "within_raise_delay" => "restore_within_raise_delay", _ => "restore_nothing_active" },
            _ => head,
        };
        for (var index = 0; index < Reasons.Length; index++)
        {
            if (word.SequenceEqual(Reasons[index]))
            {
                return index;
            }
        }

        return Reasons.Length - 1;
    }

    internal static string WordOf(string reason) => Reasons[ReasonOf(reason)];

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    /// <summary>Only what has happened: most pairs never do.</summary>
    private static IEnumerable<Measurement<long>> Cells<TRow, TColumn>(long[,] table, string row, string column)
        where TRow : struct, Enum
        where TColumn : struct, Enum =>
        from first in Enum.GetValues<TRow>()
        from second in Enum.GetValues<TColumn>()
        let count = Volatile.Read(ref table[Convert.ToInt32(first), Convert.ToInt32(second)])
        where count > 0
        select new Measurement<long>(count, Tag(row, Words<TRow>.Of(first)), Tag(column, Words<TColumn>.Of(second)));

    private static long[,] Table<TRow, TColumn>()
        where TRow : struct, Enum
        where TColumn : struct, Enum => new long[Size<TRow>(), Size<TColumn>()];

    private static int Size<T>()
        where T : struct, Enum => Enum.GetValues<T>().Max(value => Convert.ToInt32(value)) + 1;
}
