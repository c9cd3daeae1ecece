using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Server.Metrics;

/// <summary>The ledger with a clock beside it. What is counted has reached the disk.</summary>
internal sealed class MeteredLedger(IAlarmLedger ledger, HubMeter meter, TriageCounts counts, TimeProvider time) : IAlarmLedger
{
    public void Commit(IReadOnlyList<CommitBatch> batches)
    {
        var start = time.GetTimestamp();
        ledger.Commit(batches);
        var took = time.GetElapsedTime(start);
        meter.Committed(took);
        var now = time.GetUtcNow();
        foreach (var batch in batches)
        {
            counts.Count(batch, now - took, now);
        }
    }

    public IReadOnlyDictionary<string, SiteState> LoadSites() => ledger.LoadSites();

    public ISignalIndex OpenIndex() => ledger.OpenIndex();

    public void Dispose() => ledger.Dispose();
}
