using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Simulation.Tests.Stores;

/// <summary>A ledger whose commits fail on the simulation's word: one that throws has changed nothing.</summary>
internal sealed class FaultyLedger(IAlarmLedger inner, Func<bool> fails) : IAlarmLedger
{
    public void Commit(IReadOnlyList<CommitBatch> batches)
    {
        if (fails())
        {
            throw new IOException("the simulation says that the disk is full");
        }

        inner.Commit(batches);
    }

    public IReadOnlyDictionary<string, SiteState> LoadSites() => inner.LoadSites();

    public ISignalIndex OpenIndex() => inner.OpenIndex();

    public void Dispose() => inner.Dispose();
}
