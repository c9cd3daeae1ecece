using System.Collections.Immutable;
using System.Threading.Channels;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Triage;

namespace CareHub.Server.Pipeline;

/// <summary>
/// A set of sites: one bounded queue, one loop. Drain a batch → step → commit one transaction → complete
/// acknowledgements → publish changes.
/// </summary>
internal sealed partial class TriageShard
{
    private static readonly TimeSpan InsistEvery = TimeSpan.FromMilliseconds(200);

    private readonly Channel<ShardWork> _queue = Channel.CreateBounded<ShardWork>(new BoundedChannelOptions(Limits.ShardQueueMax)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private readonly ShardSites _sites;
    private readonly ISignalIndex _index;
    private readonly Committer _committer;
    private readonly TimeProvider _time;
    private readonly Action<CommitBatch> _publish;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private Task _loop = Task.CompletedTask;

    public TriageShard(Dictionary<string, SiteState> sites, ISignalIndex index, Committer committer, Func<RuleBook> rules, Func<string, bool> isStaffed, Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> recipients, TimeProvider time, Action<CommitBatch> publish, ILogger log)
    {
        _sites = new ShardSites(sites, index, rules, isStaffed, recipients);
        _index = index;
        _committer = committer;
        _time = time;
        _publish = publish;
        _log = log;
        _timer = time.CreateTimer(_ => _queue.Writer.TryWrite(TimeWork.Passes), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Steps of the latest round failed: there is a signal, an act or a site that the engine cannot take.</summary>
    public bool IsFailing { get; private set; }

    public int Waiting => _queue.Reader.Count;

    public void Start()
    {
        _sites.Start(_time.HubNow());
        Arm();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The rules have changed: deadlines that follow from them are worked out anew.</summary>
    public ValueTask RulesHaveChangedAsync() => EnqueueAsync(TimeWork.RulesHaveChanged);

    /// <summary>Waits while the queue is full: a publisher that waits is not acknowledged, and nothing is forgotten.</summary>
    public ValueTask EnqueueAsync(ShardWork work, CancellationToken cancellationToken = default) => _queue.Writer.WriteAsync(work, cancellationToken);

    public async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        await _timer.DisposeAsync();
        _index.Dispose();
    }

    private async Task RunAsync()
    {
        var works = new List<ShardWork>(Limits.ShardBatchMax);
        while (await _queue.Reader.WaitToReadAsync())
        {
            works.Clear();
            while (works.Count < Limits.ShardBatchMax && _queue.Reader.TryRead(out var work))
            {
                works.Add(work);
            }

            await RoundAsync(works);
            Arm();
        }
    }

    private async Task RoundAsync(List<ShardWork> works)
    {
        ShardRound round;
        try
        {
            round = _sites.Step(works, _time.HubNow());
            if (!round.Batch.IsEmpty)
            {
                await _committer.CommitAsync(round.Batch);
            }
        }
        catch (Exception failure)
        {
            // Nothing was acknowledged, and the senders will send again.
            LogRoundFailed(failure, works.Count);
            works.ForEach(work => work.Fail(failure));
            await InsistAsync(() => _sites.Undo(_time.HubNow()));
            return;
        }

        await InsistAsync(() => _sites.Keep(round, works, _time.HubNow()));

        // Consoles first: the acknowledgement is for a machine, the change is for a person.
        Publish(round.Batch);
        foreach (var work in works)
        {
            if (round.Failed.TryGetValue(work, out var failure))
            {
                LogStepFailed(failure, work.GetType().Name, work.SiteId);
                work.Fail(failure);
            }
            else
            {
                work.Complete();
            }
        }

        round.FailedSites.ForEach(site => LogStepFailed(site.Cause, nameof(TimeWork), site.SiteId));
        IsFailing = round.Failed.Count + round.FailedSites.Count > 0;
    }

    /// <summary>
    /// The disk has decided, and memory has to follow, also when there is hardly any left: a shard that ended here would leave whoever
    /// waits for it waiting for ever, and one that went on without would decide by what is no longer true.
    /// </summary>
    private async Task InsistAsync(Action follow)
    {
        while (true)
        {
            try
            {
                follow();
                return;
            }
            catch (Exception failure)
            {
                IsFailing = true;
                LogNotFollowed(failure);
                await Task.Delay(InsistEvery, _time);
            }
        }
    }

    /// <summary>What is on disk stays acknowledged, and the shard goes on, whatever happens on the way to the consoles.</summary>
    private void Publish(CommitBatch batch)
    {
        if (batch.Changes.Count == 0 && batch.Memories.Count == 0)
        {
            return;
        }

        try
        {
            _publish(batch);
        }
        catch (Exception failure)
        {
            LogPublishFailed(failure, batch.Changes.Count);
        }
    }

    private void Arm()
    {
        if (_sites.NextDeadline is { } at)
        {
            var wait = at - _time.HubNow();
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(2005, LogLevel.Error, "A triage shard could not follow what is on disk; it is tried again, and its sites wait")]
    private partial void LogNotFollowed(Exception failure);

    [LoggerMessage(2003, LogLevel.Error, "{Changes} committed changes could not be published to the consoles")]
    private partial void LogPublishFailed(Exception failure, int changes);

    [LoggerMessage(2004, LogLevel.Error, "A step of site {SiteId} ({Work}) failed; it was not acknowledged, and the others went on")]
    private partial void LogStepFailed(Exception failure, string work, string siteId);

    [LoggerMessage(2002, LogLevel.Error, "A triage round of {Works} works failed; nothing in it was acknowledged")]
    private partial void LogRoundFailed(Exception failure, int works);
}
