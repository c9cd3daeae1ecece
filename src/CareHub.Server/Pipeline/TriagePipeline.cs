using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Server.Pipeline;

/// <summary>All shards: routes work to the shard of its site.</summary>
internal sealed class TriagePipeline : IAsyncDisposable
{
    private readonly TriageShard[] _shards;
    private readonly Committer _committer;

    public TriagePipeline(IAlarmLedger ledger, IReadOnlyDictionary<string, SiteState> sites, Func<RuleBook> rules, Func<string, bool> isStaffed, Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> recipients, TimeProvider time, Action<CommitBatch> publish, ILoggerFactory logs)
    {
        _committer = new Committer(ledger, time, logs.CreateLogger<Committer>());
        var log = logs.CreateLogger<TriageShard>();
        var parts = sites.Values.ToLookup(site => ShardOf(site.SiteId));
        _shards = [.. Enumerable.Range(0, Limits.Shards).Select(shard => new TriageShard(
            parts[shard].ToDictionary(site => site.SiteId, StringComparer.Ordinal), ledger.OpenIndex(), _committer, rules, isStaffed, recipients, time, publish, log))];
    }

    public int Waiting => _shards.Sum(shard => shard.Waiting);

    /// <summary>There is something that the engine cannot take.</summary>
    public bool IsFailing => Array.Exists(_shards, shard => shard.IsFailing);

    public Committer Committer => _committer;

    public void Start() => Array.ForEach(_shards, shard => shard.Start());

    /// <summary>Completes when the signal and its effect are on disk.</summary>
    /// <param name="isBrief">As for <see cref="SignalWork"/>.</param>
    public Task<SignalReceipt> SignalAsync(Signal signal, DeviceFacts device, bool isBrief = false)
    {
        var work = new SignalWork(signal, device, isBrief);
        var queued = _shards[ShardOf(work.SiteId)].EnqueueAsync(work);
        return queued.IsCompletedSuccessfully ? work.Done : AfterAsync(queued, work);

        // The shard's queue is full.
        static async Task<SignalReceipt> AfterAsync(ValueTask queued, SignalWork work)
        {
            await queued;
            return await work.Done;
        }
    }

    public async Task<CommandResult> CommandAsync(string siteId, AlarmCommand command)
    {
        var work = new CommandWork(siteId, command);
        await _shards[ShardOf(siteId)].EnqueueAsync(work);
        return await work.Done;
    }

    public async Task QuarantineAsync(Quarantined quarantined)
    {
        var work = new QuarantineWork(quarantined);
        await _shards[ShardOf(work.SiteId)].EnqueueAsync(work);
        await work.Done;
    }

    /// <summary>Completes when the receipt is on disk, with the notification and in the alarm's timeline.</summary>
    public async Task ReceiptAsync(Receipt receipt)
    {
        var work = new ReceiptWork(receipt);
        await _shards[ShardOf(work.SiteId)].EnqueueAsync(work);
        await work.Done;
    }

    public async Task RulesHaveChangedAsync()
    {
        foreach (var shard in _shards)
        {
            await shard.RulesHaveChangedAsync();
        }
    }

    /// <summary>The same site is always in the same shard of a process; nothing outside a process depends on which.</summary>
    private static int ShardOf(string siteId) => (int)((uint)string.GetHashCode(siteId, StringComparison.Ordinal) % Limits.Shards);

    public async ValueTask DisposeAsync()
    {
        // All are told before any is waited for: each has its own deadlines to work off, and would go on with them meanwhile.
        await Task.WhenAll(Array.ConvertAll(_shards, shard => shard.StopAsync()));
        _committer.Dispose();
    }
}
