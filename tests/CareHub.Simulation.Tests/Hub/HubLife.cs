using System.Runtime.ExceptionServices;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Triage;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Hub;

/// <summary>
/// One life of the hub's process on one thread: the real shards' sites, rounds, engine, live queue, presence and scope; the
/// scheduler stands in for their threads, and keeps their order: step, commit, publish, acknowledge.
/// </summary>
internal sealed class HubLife
{
    private const int Shards = 2;

    private readonly IHubWorld _world;
    private readonly Seams _seams;
    private readonly IAlarmLedger _ledger;
    private readonly List<ISignalIndex> _indexes = [];
    private readonly Shard[] _shards;
    private readonly Dictionary<string, Shard> _shardOf = new(StringComparer.Ordinal);
    private readonly List<(Shard Shard, ShardRound Round, List<Envelope> Mail)> _group = [];
    private bool _committing;

    public HubLife(IHubWorld world, Seams seams, IAlarmLedger ledger, IReadOnlyDictionary<string, long> lastHeard, bool isRestart)
    {
        (_world, _seams, _ledger) = (world, seams, ledger);
        var sites = ledger.LoadSites();
        Queue = new LiveQueue(new AlarmViews(Town.Registry, world.Clock), world.Clock);
        Scope = new AlarmScope(Town.Registry);
        Presence = new HubPresence(this, world, lastHeard, sites);
        Queue.Restore(sites.Values.SelectMany(site => site.Open.Values).OrderBy(alarm => alarm.SiteId, StringComparer.Ordinal).ThenBy(alarm => alarm.Number));
        _shards = [.. Enumerable.Range(0, Shards).Select(number => OpenShard(number, sites))];
        foreach (var shard in _shards)
        {
            if (seams.StartsDeadlines(isRestart))
            {
                shard.Sites.Start(world.Clock.Now);
            }

            Arm(shard);
        }
    }

    public bool IsAlive { get; private set; } = true;

    public LiveQueue Queue { get; }

    public ConsoleBook Consoles { get; } = new();

    public AlarmScope Scope { get; }

    public HubPresence Presence { get; }

    public RuleBook Rules => _seams.Rules;

    public bool Sweeps => _seams.Sweeps;

    /// <summary>Everything in memory is gone; what is on disk stays.</summary>
    public void Die()
    {
        IsAlive = false;
        _indexes.ForEach(index => index.Dispose());
        _ledger.Dispose();
    }

    /// <summary>Gives work to the shard of its site.</summary>
    public void Post(ShardWork work, Action<ShardWork> done, Action failed)
    {
        var shard = _shardOf[work.SiteId];
        if (_seams.Accept(work, shard.Waiting.Count) is not { } accepted)
        {
            return;
        }

        shard.Waiting.Enqueue(new(accepted, done, failed));
        _world.Clock.After(TimeSpan.Zero, () => Run(shard));
    }

    /// <summary>What a console reads of its region.</summary>
    public FeedNews ReadAfter(string regionId, long seq) => Queue.ReadAfter(_seams.FeedRegion(regionId), seq);

    public FeedSnapshot Subscribe(string regionId, FeedCursor? cursor) => Queue.Subscribe(_seams.FeedRegion(regionId), cursor);

    /// <summary>The site of an alarm or of a silence, if the caller may touch it.</summary>
    public string? Touches(Caller caller, string siteId, string? alarmId) =>
        !_seams.ChecksScope ? siteId
        : alarmId is null ? (Scope.Covers(caller, siteId) ? siteId : null)
        : Scope.SiteOf(caller, alarmId);

    private Shard OpenShard(int number, IReadOnlyDictionary<string, SiteState> sites)
    {
        var own = Town.Places.Where((_, index) => index % Shards == number).Select(place => place.SiteId).ToList();
        var index = _ledger.OpenIndex();
        _indexes.Add(index);
        var states = own.Where(sites.ContainsKey).ToDictionary(siteId => siteId, siteId => sites[siteId], StringComparer.Ordinal);
        var shard = new Shard(new ShardSites(states, index, () => Rules, siteId => _seams.IsStaffed(Consoles.IsStaffed(siteId, Scope)), (_, _) => []));
        own.ForEach(siteId => _shardOf.Add(siteId, shard));
        return shard;
    }

    /// <summary>A shard's turn: drain a batch and step it, unless its last round is still on its way to the disk.</summary>
    private void Run(Shard shard)
    {
        var now = _world.Clock.Now;
        if (!IsAlive || shard.IsBusy || (shard.Waiting.Count == 0 && !(shard.Sites.NextDeadline <= now)))
        {
            return;
        }

        var mail = new List<Envelope>();
        while (mail.Count < _seams.BatchMax && shard.Waiting.TryDequeue(out var envelope))
        {
            mail.Add(envelope);
        }

        _world.Auditor.BatchTaken(mail.Count);
        var works = mail.ConvertAll(envelope => envelope.Work);
        var round = shard.Sites.Step(works, now);

        // The hub goes on without what fails, and says so; here it is a fault of the engine, and ends the seed.
        foreach (var failure in round.Failed.Values.Concat(round.FailedSites.Select(site => site.Cause)))
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        _seams.Stepped(round, works);
        shard.IsBusy = true;
        if (round.Batch.IsEmpty)
        {
            Settle(shard, round, mail);
            return;
        }

        if (_seams.AcknowledgesBeforeCommit)
        {
            mail.ForEach(envelope => Complete(envelope));
        }

        _group.Add((shard, round, mail));
        if (!_committing)
        {
            _committing = true;
            _world.Clock.After(_world.Dice.Ms(1, 60), Commit);
        }
    }

    /// <summary>The committer's turn: one transaction for what has gathered; if it fails, one for each.</summary>
    private void Commit()
    {
        if (!IsAlive || _world.CrashesAt(CrashPoint.BeforeCommit))
        {
            return;
        }

        var group = _group.ToList();
        _group.Clear();
        _committing = false;
        if (TryCommit(group))
        {
            Publish(group);
            return;
        }

        foreach (var one in group)
        {
            if (!IsAlive)
            {
                return;
            }

            if (group.Count > 1 && TryCommit([one]))
            {
                Publish([one]);
            }
            else
            {
                GiveUp(one.Shard, one.Mail);
            }
        }
    }

    private bool TryCommit(List<(Shard Shard, ShardRound Round, List<Envelope> Mail)> group)
    {
        try
        {
            _ledger.Commit([.. group.Select(each => each.Round.Batch)]);
        }
        catch (Exception failure) when (failure is IOException or Microsoft.Data.Sqlite.SqliteException)
        {
            _world.Trace.Add($"hub: a commit of {group.Count} failed");
            _world.Auditor.CommitFailed();
            return false;
        }

        _world.Trace.Add($"hub: committed {string.Join(' ', group.SelectMany(each => each.Round.Batch.Changes).Select(change => $"{change.Alarm.Id}v{change.Entry.Seq}:{change.Entry.Event}"))}");
        _world.Auditor.Committed();
        return true;
    }

    private void Publish(List<(Shard Shard, ShardRound Round, List<Envelope> Mail)> group)
    {
        if (_world.CrashesAt(CrashPoint.AfterCommit))
        {
            return;
        }

        foreach (var (shard, round, mail) in group)
        {
            if (IsAlive)
            {
                Settle(shard, round, mail);
            }
        }
    }

    private void Settle(Shard shard, ShardRound round, List<Envelope> mail)
    {
        shard.Sites.Keep(round, mail.ConvertAll(envelope => envelope.Work), _world.Clock.Now);
        if (round.Batch.Changes.Count > 0)
        {
            Queue.Publish(_seams.Publishing(round.Batch.Changes));
            _world.NewsForConsoles();
            if (_world.CrashesAt(CrashPoint.AfterPublish))
            {
                return;
            }
        }

        if (!_seams.AcknowledgesBeforeCommit || round.Batch.IsEmpty)
        {
            mail.ForEach(Complete);
        }

        shard.IsBusy = false;
        Arm(shard);
    }

    private void GiveUp(Shard shard, List<Envelope> mail)
    {
        shard.Sites.Undo(_world.Clock.Now);
        shard.IsBusy = false;
        foreach (var envelope in mail)
        {
            envelope.Failed();
        }

        Arm(shard);
    }

    private static void Complete(Envelope envelope)
    {
        envelope.Work.Complete();
        envelope.Done(envelope.Work);
    }

    /// <summary>The shard's timer, and its loop's next look at the queue.</summary>
    private void Arm(Shard shard)
    {
        if (shard.Waiting.Count > 0)
        {
            _world.Clock.After(TimeSpan.Zero, () => Run(shard));
        }
        else if (shard.Sites.NextDeadline is { } deadline && deadline != shard.ArmedFor)
        {
            shard.ArmedFor = deadline;
            _world.Clock.At(deadline, () =>
            {
                shard.ArmedFor = null;
                Run(shard);
                if (!shard.IsBusy && IsAlive)
                {
                    Arm(shard);
                }
            });
        }
    }

    private sealed record Envelope(ShardWork Work, Action<ShardWork> Done, Action Failed);

    private sealed class Shard(ShardSites sites)
    {
        public ShardSites Sites { get; } = sites;

        public Queue<Envelope> Waiting { get; } = new();

        public bool IsBusy { get; set; }

        public DateTimeOffset? ArmedFor { get; set; }
    }
}
