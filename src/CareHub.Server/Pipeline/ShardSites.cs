using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Core.Triage;

namespace CareHub.Server.Pipeline;

/// <summary>
/// What a shard knows between two rounds: its sites as they are on disk, and when each wants to be stepped next. It has no
/// thread and no timer of its own, so that a simulation drives the same code as the shard's loop.
/// </summary>
internal sealed class ShardSites(Dictionary<string, SiteState> sites, ISignalIndex index, Func<RuleBook> rules, Func<string, bool> isStaffed, Func<Alarm, EscalationTarget, ImmutableArray<Recipient>> recipients)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly PriorityQueue<string, DateTimeOffset> _deadlines = new();

    /// <summary>Of a site's entries in the queue, the one that counts: a site that moves often must not queue up once for each move.</summary>
    private readonly Dictionary<string, DateTimeOffset> _next = new(StringComparer.Ordinal);

    /// <summary>When the next site wants to be stepped, if nothing happens before.</summary>
    public DateTimeOffset? NextDeadline => _deadlines.TryPeek(out _, out var at) ? at : null;

    /// <summary>After a start: what was due while the hub was away is due now.</summary>
    public void Start(DateTimeOffset now) => RemindAll(now);

    public ShardRound Step(IReadOnlyList<ShardWork> works, DateTimeOffset now) =>
        ShardRound.Step(works, sites, index, rules(), isStaffed, recipients, now, TakeDue(works, now));

    /// <summary>The round is on disk: its states are the sites' from now on. It may be said again, when it has failed half way.</summary>
    public void Keep(ShardRound round, IReadOnlyList<ShardWork> works, DateTimeOffset now)
    {
        foreach (var (siteId, state) in round.Next)
        {
            sites[siteId] = state;
        }

        foreach (var state in round.Next.Values)
        {
            Remind(state, DateTimeOffset.MinValue);
        }

        if (works.Any(work => work is TimeWork { MovesDeadlines: true }))
        {
            RemindAll(now);
        }

        // What a site could not do now it tries again; its deadline has left the queue.
        foreach (var (siteId, _) in round.FailedSites)
        {
            Remind(sites[siteId], now + RetryAfter);
        }
    }

    /// <summary>
    /// The round is not on disk: the old states still stand. It has taken deadlines from the queue; what still stands is
    /// tried again in a second.
    /// </summary>
    public void Undo(DateTimeOffset now) => RemindAll(now + RetryAfter);

    /// <summary>
    /// Sites whose time has come: those that have work now, since what was due before it has happened before it, and a bounded number of
    /// others. A hub that was away has a deadline at every open alarm at once, and whoever presses then does not wait for them all.
    /// </summary>
    private List<string> TakeDue(IReadOnlyList<ShardWork> works, DateTimeOffset now)
    {
        var due = new List<string>();
        foreach (var work in works)
        {
            if (_next.TryGetValue(work.SiteId, out var next) && next <= now)
            {
                _next.Remove(work.SiteId);
                due.Add(work.SiteId);
            }
        }

        var max = due.Count + Limits.ShardDueMax;
        while (due.Count < max && _deadlines.TryPeek(out var siteId, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (_next.TryGetValue(siteId, out var next) && next == at)
            {
                _next.Remove(siteId);
                due.Add(siteId);
            }
        }

        return due;
    }

    private void Remind(SiteState site, DateTimeOffset soonest)
    {
        if (site.NextDeadline(rules()) is not { } deadline)
        {
            _next.Remove(site.SiteId);
            return;
        }

        var at = deadline > soonest ? deadline : soonest;
        if (!_next.TryGetValue(site.SiteId, out var next) || next != at)
        {
            _next[site.SiteId] = at;
            _deadlines.Enqueue(site.SiteId, at);
        }
    }

    /// <summary>Puts every deadline that stands into the queue anew, none sooner than <paramref name="soonest"/>.</summary>
    private void RemindAll(DateTimeOffset soonest)
    {
        _deadlines.Clear();
        _next.Clear();
        foreach (var site in sites.Values)
        {
            Remind(site, soonest);
        }
    }
}
