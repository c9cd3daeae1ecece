using CareHub.Core.Alarms;
using CareHub.Core.Triage;

namespace CareHub.Server.Tests.Support;

/// <summary>The real ledger behind a gate: commits can be held, and made to fail, on the test's word.</summary>
internal sealed class FaultyLedger(IAlarmLedger inner) : IAlarmLedger
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private volatile bool _failing;
    private volatile string? _poison;
    private int _arrived;

    /// <summary>Commits that have reached the gate.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    public void Fail(bool failing) => _failing = failing;

    /// <summary>While it is set, the look-up of this signal throws as if memory had run out: a fault inside triage, before any commit.</summary>
    public void Poison(string? signalId) => _poison = signalId;

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

    public ISignalIndex OpenIndex() => new Index(this, inner.OpenIndex());

    public void Dispose() => inner.Dispose();

    private sealed class Index(FaultyLedger ledger, ISignalIndex inner) : ISignalIndex
    {
        public IDisposable? Freeze() => inner.Freeze();

#pragma warning disable MA0012 // as the runtime throws it
        public bool Contains(string deviceId, string signalId) =>
            signalId == ledger._poison ? throw new InsufficientMemoryException("the test says that memory has run out") : inner.Contains(deviceId, signalId);
#pragma warning restore MA0012

        public void Dispose() => inner.Dispose();
    }
}
