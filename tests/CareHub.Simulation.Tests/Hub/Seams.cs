using CareHub.Core.Alarms;
using CareHub.Core.Triage;
using CareHub.Server;
using CareHub.Server.Pipeline;
using CareHub.Simulation.Tests.Stores;

namespace CareHub.Simulation.Tests.Hub;

/// <summary>
/// The places between the hub's parts where a mutation may stand. As it is, nothing stands there: production code carries
/// no bug for the sake of a test.
/// </summary>
internal class Seams
{
    public virtual RuleBook Rules => RuleBook.Default;

    public virtual bool StartsDeadlines(bool isRestart) => true;

    public virtual bool Sweeps => true;

    public virtual bool IsStaffed(bool isStaffed) => isStaffed;

    public virtual bool AcknowledgesBeforeCommit => false;

    public virtual bool ChecksScope => true;

    public virtual int BatchMax => Limits.ShardBatchMax;

    public virtual IAlarmLedger Over(IAlarmLedger ledger) => ledger;

    /// <summary>Work on its way into a shard; null: it is dropped.</summary>
    public virtual ShardWork? Accept(ShardWork work, int waiting) => work;

    /// <summary>After the engine's steps and before the commit.</summary>
    public virtual void Stepped(ShardRound round, IReadOnlyList<ShardWork> works)
    {
    }

    public virtual IReadOnlyList<AlarmChange> Publishing(IReadOnlyList<AlarmChange> changes) => changes;

    public virtual string FeedRegion(string regionId) => regionId;

    public virtual void Crashed(IDisk disk)
    {
    }
}
