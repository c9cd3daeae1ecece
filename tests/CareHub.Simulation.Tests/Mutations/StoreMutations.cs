using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Triage;
using CareHub.Simulation.Tests.Hub;
using CareHub.Simulation.Tests.Stores;

namespace CareHub.Simulation.Tests.Mutations;

/// <summary>A ledger that remembers its sites otherwise than it should.</summary>
internal sealed class Misremembering(IAlarmLedger inner, Func<SiteState, SiteState> load, bool knowsIds = true) : IAlarmLedger
{
    public void Commit(IReadOnlyList<CommitBatch> batches) => inner.Commit(batches);

    public IReadOnlyDictionary<string, SiteState> LoadSites() => inner.LoadSites().ToDictionary(pair => pair.Key, pair => load(pair.Value), StringComparer.Ordinal);

    public ISignalIndex OpenIndex() => knowsIds ? inner.OpenIndex() : new KnowsNothing();

    public void Dispose() => inner.Dispose();

    private sealed class KnowsNothing : ISignalIndex
    {
        public IDisposable? Freeze() => null;

        public bool Contains(string deviceId, string signalId) => false;

        public void Dispose()
        {
        }
    }
}

internal sealed class ForgetsIds : Seams
{
    public override IAlarmLedger Over(IAlarmLedger ledger) => new Misremembering(ledger, site => site, knowsIds: false);
}

internal sealed class ForgetsPending : Seams
{
    public override IAlarmLedger Over(IAlarmLedger ledger) =>
        new Misremembering(ledger, site => site with { Pending = ImmutableDictionary<AlarmKey, PendingAlarm>.Empty });
}

internal sealed class ForgetsSilences : Seams
{
    public override IAlarmLedger Over(IAlarmLedger ledger) =>
        new Misremembering(ledger, site => site with { Memory = site.Memory with { Shelves = site.Memory.Shelves.Clear() } });
}

internal sealed class TakesTiersForDone : Seams
{
    public override IAlarmLedger Over(IAlarmLedger ledger) => new Misremembering(ledger, site => site with
    {
        Open = site.Open.ToImmutableDictionary(pair => pair.Key, pair => pair.Value with { Tier = 4, EscalatedTo = EscalationTarget.Contacts, EscalatedAt = pair.Value.AnnunciatedAt }),
    });
}

internal sealed class LosesOnCrash : Seams
{
    public override void Crashed(IDisk disk) => (disk as ModelDisk)?.LoseSignals(3);
}
