using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Server.Tests.Support;

/// <summary>The real ledger behind a gate: commits can be held, and made to fail, on the test's word.</summary>
internal sealed class FaultyLedger(IAlarmLedger inner) : IAlarmLedger
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private volatile bool _failing;
    private int _arrived;

    /// <summary>Commits that have reached the gate.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    public void Fail(bool failing) => _failing = failing;

    public void Commit(IReadOnlyList<CommitBatch> batches)
    {
        Interlocked.Increment(ref _arrived);
        _open.Wait();
        if (_failing)
        {
            throw new IOException("the test says that the disk is full");
        }

        inner.Commit(batches);
    }

    public IReadOnlyDictionary<string, SiteState> LoadSites() => inner.LoadSites();

    public ISignalIndex OpenIndex() => inner.OpenIndex();

    public void Dispose() => inner.Dispose();
}
