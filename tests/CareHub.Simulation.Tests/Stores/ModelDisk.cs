using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Simulation.Tests.Audit;
using CareHub.Storage.Alarms;

namespace CareHub.Simulation.Tests.Stores;

/// <summary>
/// The ledger's contract in memory, without a single check of its own: what the real one refuses by an index, this one
/// keeps, so that the auditor has to find it.
/// </summary>
internal sealed class ModelDisk : IDisk
{
    private readonly List<(SignalRecord Record, StoredSignal Row)> _signals = [];
    private readonly HashSet<(string, string)> _ids = [];
    private readonly List<StoredEntry> _timeline = [];
    private readonly Dictionary<string, Alarm> _alarms = new(StringComparer.Ordinal);
    private readonly Dictionary<AlarmKey, PendingAlarm> _pending = [];
    private readonly Dictionary<string, SiteMemory> _memories = new(StringComparer.Ordinal);
    private byte[] _head = TimelineChain.Root;

    public IAlarmLedger Open() => new Ledger(this);

    public IReadOnlyList<StoredSignal> SignalsAfter(long position) => [.. _signals.Skip((int)position).Select(each => each.Row)];

    public IReadOnlyList<StoredEntry> TimelineAfter(long position) => _timeline[(int)Math.Min(position, _timeline.Count)..];

    public StoredAlarm? Alarm(string id) => _alarms.TryGetValue(id, out var alarm) ? Rows.Of(alarm) : null;

    public IReadOnlyList<StoredAlarm> OpenAlarms() => [.. _alarms.Values.Where(alarm => alarm.IsOpen).Select(Rows.Of)];

    public void Dispose()
    {
    }

    /// <summary>A way to break the medium itself: the newest signals are not there after all.</summary>
    public void LoseSignals(int count)
    {
        foreach (var (record, _) in _signals.TakeLast(count))
        {
            _ids.Remove((record.Signal.DeviceId, record.Signal.Id));
        }

        _signals.RemoveRange(Math.Max(0, _signals.Count - count), Math.Min(count, _signals.Count));
    }

    private void Write(CommitBatch batch)
    {
        foreach (var record in batch.Signals)
        {
            _ids.Add((record.Signal.DeviceId, record.Signal.Id));
            _signals.Add((record, Rows.Of(record, _signals.Count + 1)));
        }

        foreach (var change in batch.Changes)
        {
            _alarms[change.Alarm.Id] = change.Alarm;
            Append(change.Entry);
        }

        batch.Notes.ForEach(Append);
        foreach (var (siteId, memory) in batch.Memories)
        {
            _memories[siteId] = memory;
        }

        foreach (var (key, pending) in batch.Pending)
        {
            _pending.Remove(key);
            if (pending is not null)
            {
                _pending.Add(key, pending);
            }
        }
    }

    private void Append(TimelineEntry entry)
    {
        _head = TimelineChain.Next(_head, entry);
        _timeline.Add(Rows.Of(entry, _timeline.Count + 1, _head));
    }

    private SortedDictionary<string, SiteState> Load()
    {
        var sites = new SortedDictionary<string, SiteState>(StringComparer.Ordinal);
        SiteState SiteOf(string siteId) => sites.GetValueOrDefault(siteId) ?? new SiteState { SiteId = siteId };
        foreach (var group in _alarms.Values.GroupBy(alarm => alarm.SiteId))
        {
            sites[group.Key] = SiteOf(group.Key) with
            {
                LastNumber = group.Max(alarm => alarm.Number),
                Open = group.Where(alarm => alarm.IsOpen).DistinctBy(alarm => alarm.Key).ToImmutableDictionary(alarm => alarm.Key),
            };
        }

        foreach (var group in _pending.Values.GroupBy(pending => pending.Device.SiteId))
        {
            sites[group.Key] = SiteOf(group.Key) with { Pending = group.ToImmutableDictionary(pending => pending.Key) };
        }

        foreach (var (siteId, memory) in _memories)
        {
            // Through the bytes that the real ledger would keep.
            sites[siteId] = SiteOf(siteId) with { Memory = SiteMemoryJson.Read(SiteMemoryJson.Write(memory)) };
        }

        return sites;
    }

    private sealed class Ledger(ModelDisk disk) : IAlarmLedger
    {
        public void Commit(IReadOnlyList<CommitBatch> batches)
        {
            foreach (var batch in batches)
            {
                disk.Write(batch);
            }
        }

        public IReadOnlyDictionary<string, SiteState> LoadSites() => disk.Load();

        public ISignalIndex OpenIndex() => new Index(disk);

        public void Dispose()
        {
        }
    }

    private sealed class Index(ModelDisk disk) : ISignalIndex
    {
        public IDisposable? Freeze() => null;

        public bool Contains(string deviceId, string signalId) => disk._ids.Contains((deviceId, signalId));

        public void Dispose()
        {
        }
    }
}
