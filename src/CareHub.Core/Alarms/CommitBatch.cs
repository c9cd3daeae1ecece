using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Alarms;

/// <summary>Everything that must be on disk together before anything in it is acknowledged.</summary>
internal sealed class CommitBatch
{
    public List<SignalRecord> Signals { get; } = [];

    public List<Redelivery> Redeliveries { get; } = [];

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

    public List<KeptReceipt> Receipts { get; } = [];

    public bool IsEmpty =>
        Signals.Count == 0 && Redeliveries.Count == 0 && Changes.Count == 0 && Notes.Count == 0 && Memories.Count == 0 && Pending.Count == 0 && Quarantine.Count == 0
        && Notices.Count == 0 && Receipts.Count == 0;

    /// <summary>Notes what a step did, by comparing the pending conditions before and after.</summary>
    public void Add(SiteState before, StepResult result)
    {
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

/// <summary>A signal as received, and what became of it.</summary>
internal readonly record struct SignalRecord(Signal Signal, SignalDecision Decision);

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
    bool Contains(string deviceId, string signalId);
}
