using CareHub.Core.Devices;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Alarms;

/// <summary>Everything that must be on disk together before anything in it is acknowledged.</summary>
internal sealed class CommitBatch
{
    public List<SignalRecord> Signals { get; } = [];

    public List<Redelivery> Redeliveries { get; } = [];

    /// <summary>Steps that no signal took: acts of people, and time.</summary>
    public List<ActRecord> Acts { get; } = [];

    /// <summary>Steps on record so far; numbers them within the batch.</summary>
    public int Steps { get; private set; }

    public List<AlarmChange> Changes { get; } = [];

    /// <summary>What happened to sites and not to one of their alarms.</summary>
    public List<TimelineEntry> Notes { get; } = [];

    /// <summary>What a site now remembers besides its alarms; the latest of the batch.</summary>
    public Dictionary<string, SiteMemory> Memories { get; } = new(StringComparer.Ordinal);

    /// <summary>In the order they happened: a condition may come, go and come again within a batch.</summary>
    public List<PendingChange> Pending { get; } = [];

    public List<Quarantined> Quarantine { get; } = [];

    /// <summary>Who is to be told of the changes by other means than a console.</summary>
    public List<Notice> Notices { get; } = [];

    /// <summary>Set by the ledger: of the notices, at least one is for somebody, and waits in the outbox.</summary>
    public bool IsOutboxFed { get; set; }

    public List<KeptReceipt> Receipts { get; } = [];

    public bool IsEmpty =>
        Signals.Count == 0 && Acts.Count == 0 && Redeliveries.Count == 0 && Changes.Count == 0 && Notes.Count == 0 && Memories.Count == 0 && Pending.Count == 0 && Quarantine.Count == 0
        && Notices.Count == 0 && Receipts.Count == 0;

    /// <summary>
    /// Notes a step: what went in, so that it can be taken again, and what it did. A signal is always on record; an act or
    /// a moment only when something came of it, since the state it left is the state it found.
    /// </summary>
    public void Add(SiteState before, TriageInput input, StepMark mark, StepResult result)
    {
        if (input is TriageInput.FromDevice signal)
        {
            Signals.Add(new SignalRecord(signal, result.Decision!, mark with { Order = Steps++ }));
        }
        else if (!ReferenceEquals(before, result.State))
        {
            Acts.Add(new ActRecord(before.SiteId, (input as TriageInput.FromPerson)?.Command, mark with { Order = Steps++ }));
        }

        Changes.AddRange(result.Changes);
        Notes.AddRange(result.Notes);
        if (!ReferenceEquals(before.Memory, result.State.Memory))
        {
            Memories[before.SiteId] = result.State.Memory;
        }

        if (ReferenceEquals(before.Pending, result.State.Pending))
        {
            return;
        }

        Pending.AddRange(before.Pending.Keys.Where(key => !result.State.Pending.ContainsKey(key)).Select(key => new PendingChange(key, null)));
        Pending.AddRange(result.State.Pending.Where(pair => !before.Pending.ContainsKey(pair.Key)).Select(pair => new PendingChange(pair.Key, pair.Value)));
    }
}

/// <summary>A signal as received, with what triage knew of its device, and what became of it.</summary>
internal readonly record struct SignalRecord(TriageInput.FromDevice Input, SignalDecision Decision, StepMark Mark)
{
    public Signal Signal => Input.Signal;

    public DeviceFacts Device => Input.Device;
}

/// <summary>A step that moved a site without a signal.</summary>
/// <param name="Command">What a person did; null when time passed.</param>
internal sealed record ActRecord(string SiteId, AlarmCommand? Command, StepMark Mark);

/// <summary>Under which clock and rules the engine took a step.</summary>
/// <param name="At">The step's hub time.</param>
/// <param name="Order">Place among the steps of its batch.</param>
internal readonly record struct StepMark(DateTimeOffset At, RuleBook Rules, int Order = 0);

/// <summary>A signal that was already kept came again.</summary>
internal readonly record struct Redelivery(string DeviceId, string SignalId);

/// <summary>A condition began its raise delay, or (null) left it.</summary>
internal readonly record struct PendingChange(AlarmKey Key, PendingAlarm? Pending);

/// <summary>A payload that could not be decoded.</summary>
/// <param name="Offset">Byte offset at which decoding stopped.</param>
internal sealed record Quarantined(DateTimeOffset At, string DeviceId, string SiteId, string Topic, string Reason, int Offset, byte[] Payload);

/// <summary>The durable record of alarms. One caller at a time; a call that returns has reached the disk, one that throws has changed nothing.</summary>
internal interface IAlarmLedger : IDisposable
{
    /// <summary>Commits the batches in one transaction.</summary>
    void Commit(IReadOnlyList<CommitBatch> batches);

    /// <summary>What triage must remember of its sites after a start.</summary>
    IReadOnlyDictionary<string, SiteState> LoadSites();

    /// <summary>A view of the signals kept so far, for one thread of its own.</summary>
    ISignalIndex OpenIndex();
}

/// <summary>Which signals were kept before: what makes redelivery harmless.</summary>
internal interface ISignalIndex : IDisposable
{
    /// <summary>Until it is disposed of, look-ups see one moment, and may cost less. Not to be nested.</summary>
    IDisposable? Freeze();

    bool Contains(string deviceId, string signalId);
}
