using System.Text;
using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Alarms.Journal;

namespace CareHub.Server.Replay;

/// <summary>What a replay took, and where it came out otherwise than the record.</summary>
/// <param name="DifferenceCount">All differences, of which the first are listed.</param>
internal sealed record ReplayReport(long Steps, long Signals, long Entries, long DifferenceCount, IReadOnlyList<string> Differences);

/// <summary>
/// Gives the engine again what it was given, in order, and compares all it did with the record: each decision, each timeline
/// entry, each alarm as it closed, and what is open, pending and remembered at the end.
/// </summary>
internal sealed class ExactReplay
{
    /// <summary>Differences that are listed; one that matters leads to many.</summary>
    public const int ListedMax = 50;

    private readonly RecordedHistory _history;
    private readonly RecordedAlarms _recorded;
    private readonly List<string> _differences = [];
    private readonly Dictionary<string, int> _entries = new(StringComparer.Ordinal);
    private long _differenceCount;

    private ExactReplay(RecordedHistory history, RecordedAlarms recorded) => (_history, _recorded) = (history, recorded);

    public static ReplayReport Run(string file)
    {
        using var history = RecordedHistory.Open(file);
        using var recorded = new RecordedAlarms(history.Connection);
        return new ExactReplay(history, recorded).Run();
    }

    private ReplayReport Run()
    {
        var (steps, signals) = (0L, 0L);
        foreach (var step in _history.Steps())
        {
            steps++;
            var result = _history.Take(step);
            if (step.Decision is { } decided)
            {
                signals++;
                var signal = ((TriageInput.FromDevice)step.Input).Signal;
                Expect(decided, result.Decision, () => $"step {step.Step}, signal {signal.Id} of {signal.DeviceId}");
            }

            foreach (var entry in result.Changes.Select(change => change.Entry).Concat(result.Notes))
            {
                if (entry.Event is not (AlarmEvent.Notified or AlarmEvent.NotifyFailed))
                {
                    _entries[entry.AlarmId] = _entries.GetValueOrDefault(entry.AlarmId) + 1;
                }

                Expect(_recorded.Entry(entry.AlarmId, entry.Seq), entry, () => $"step {step.Step}, timeline of {entry.AlarmId}, entry {entry.Seq}");
            }

            foreach (var closed in result.Changes.Where(change => !change.Alarm.IsOpen))
            {
                // Receipts that come after the closing lengthen the alarm's story, and the engine knows nothing of them.
                var recorded = _recorded.Alarm(closed.Alarm.Id);
                Expect(recorded is null ? null : recorded with { Version = closed.Alarm.Version }, closed.Alarm, () => $"step {step.Step}, alarm {closed.Alarm.Id} as it closed");
            }
        }

        CompareEnd();
        return new(steps, signals, _entries.Values.Sum(count => (long)count), _differenceCount, _differences);
    }

    private void CompareEnd()
    {
        foreach (var row in _history.Connection.Rows("SELECT alarm_id, COUNT(*) FROM timeline WHERE position > $origin AND event NOT IN (35, 36) GROUP BY alarm_id", ("$origin", _history.OriginPosition)))
        {
            var (id, recorded) = (row.GetString(0), row.GetInt32(1));
            Expect(recorded, _entries.GetValueOrDefault(id), () => $"number of timeline entries of {id}");
            _entries.TryAdd(id, 0);
        }

        var found = AlarmLedger.LoadSites(_history.Connection);
        foreach (var siteId in found.Keys.Union(_history.Sites.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            Compare(found.GetValueOrDefault(siteId) ?? new SiteState { SiteId = siteId }, _history.SiteOf(siteId));
        }
    }

    private void Compare(SiteState recorded, SiteState replayed)
    {
        Expect(recorded.LastNumber, replayed.LastNumber, () => $"last alarm number of site {recorded.SiteId}");
        foreach (var key in recorded.Open.Keys.Union(replayed.Open.Keys).OrderBy(key => key.DeviceId, StringComparer.Ordinal).ThenBy(key => key.Kind))
        {
            Expect(recorded.Open.GetValueOrDefault(key), replayed.Open.GetValueOrDefault(key), () => $"open alarm of {key.DeviceId} for {key.Kind}");
        }

        foreach (var key in recorded.Pending.Keys.Union(replayed.Pending.Keys).OrderBy(key => key.DeviceId, StringComparer.Ordinal).ThenBy(key => key.Kind))
        {
            Expect(Facts(recorded.Pending.GetValueOrDefault(key)), Facts(replayed.Pending.GetValueOrDefault(key)), () => $"pending {key.Kind} of {key.DeviceId}");
        }

        Expect(Memory(recorded), Memory(replayed), () => $"memory of site {recorded.SiteId}");

        static string Memory(SiteState site) => Encoding.UTF8.GetString(SiteMemoryJson.Write(site.Memory));

        // A path of regions is compared by its members.
        static string? Facts(PendingAlarm? pending) => pending is null
            ? null
            : $"{pending with { Device = pending.Device with { RegionPath = [] } }} in {string.Join('/', pending.Device.RegionPath)}";
    }

    private void Expect<T>(T? recorded, T? replayed, Func<string> where)
    {
        if (EqualityComparer<T>.Default.Equals(recorded, replayed))
        {
            return;
        }

        _differenceCount++;
        if (_differences.Count < ListedMax)
        {
            _differences.Add($"{where()}: recorded {recorded?.ToString() ?? "nothing"}; replayed {replayed?.ToString() ?? "nothing"}");
        }
    }
}
