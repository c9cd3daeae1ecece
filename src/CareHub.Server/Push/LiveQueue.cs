using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Storage.Registry;

namespace CareHub.Server.Push;

/// <summary>Where a console stands in a feed.</summary>
/// <param name="Epoch">Names a life of the hub process.</param>
internal sealed record FeedCursor(string Epoch, long Seq);

internal sealed record FeedSnapshot(string Epoch, long Seq, DateTimeOffset ServerTime, bool Full, IReadOnlyList<AlarmView> Alarms, int OpenCritical, int OpenTotal)
{
    /// <summary>In the same answer as the alarms: a console that had to wait for it would sound for a moment.</summary>
    public NearerDesksView? Desks { get; init; }
}

internal readonly record struct FeedDelta(long Seq, AlarmView Alarm);

/// <summary>What a console has not heard yet; <see cref="Lost"/> when that is more than the ring remembers.</summary>
internal sealed record FeedNews(IReadOnlyList<FeedDelta> Deltas, bool Lost, long Seq, int OpenCritical, int OpenTotal);

/// <summary>
/// The open alarms in memory and one numbered stream per region that somebody watches. Consoles pull from a ring at
/// their own pace: a slow one never holds up another, and one that fell too far behind takes a snapshot.
/// </summary>
internal sealed class LiveQueue(AlarmViews views, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AlarmView> _open = new(StringComparer.Ordinal);
    private readonly int[,] _openBy = new int[(int)AlarmState.OutOfService + 1, (int)Priority.Low + 1];
    private readonly Dictionary<string, Feed> _feeds = new(StringComparer.Ordinal);

    public string Epoch { get; } = Guid.NewGuid().ToString("N");

    public int OpenTotal
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    public bool IsOpen(string alarmId)
    {
        lock (_lock)
        {
            return _open.ContainsKey(alarmId);
        }
    }

    /// <summary>Open alarms that this one explains, the latest first.</summary>
    /// <param name="covers">Sites that count.</param>
    /// <param name="max">No more of them than this; the count is of all.</param>
    public (int Count, IReadOnlyList<AlarmView> Alarms) ExplainedBy(string alarmId, Func<string, bool> covers, int max)
    {
        lock (_lock)
        {
            var explained = _open.Values.Where(alarm => alarm.Suppression?.Cause == alarmId && covers(alarm.Site.Id)).ToList();
            return (explained.Count, [.. explained.OrderByDescending(alarm => alarm.RaisedAt).ThenBy(alarm => alarm.Id, StringComparer.Ordinal).Take(max)]);
        }
    }

    /// <summary>Sites at which something sounds that cannot wait, that nobody has answered and of which nobody was told by other means than a console.</summary>
    public IReadOnlyCollection<string> CallingSites()
    {
        lock (_lock)
        {
            return _open.Values.Where(alarm => alarm.Priority <= Priority.High
                && alarm.State is (AlarmState.Unacknowledged or AlarmState.ReturnedUnacknowledged)
                && !(alarm.ClaimedBy?.At >= alarm.AnnunciatedAt)
                && alarm.Escalation?.To is not (EscalationTarget.Supervisor or EscalationTarget.Contacts)).Select(alarm => alarm.Site.Id).ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Open alarms by state and priority; those there are none of are included.</summary>
    public IReadOnlyList<(AlarmState State, Priority Priority, int Count)> OpenBy()
    {
        lock (_lock)
        {
            return
            [
                .. from state in Enum.GetValues<AlarmState>()
                   where state != AlarmState.Closed
                   from priority in Enum.GetValues<Priority>()
                   select (state, priority, _openBy[(int)state, (int)priority]),
            ];
        }
    }

    /// <summary>Loads what was open when the hub started.</summary>
    public void Restore(IEnumerable<Alarm> open)
    {
        lock (_lock)
        {
            foreach (var alarm in open)
            {
                Keep(views.Of(alarm));
            }
        }
    }

    /// <summary>Publishes committed changes, in order.</summary>
    public void Publish(IReadOnlyList<AlarmChange> changes)
    {
        var changed = new AlarmView[changes.Count];
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] = views.Of(changes[i].Alarm);
        }

        List<TaskCompletionSource> news;
        lock (_lock)
        {
            foreach (var view in changed)
            {
                var before = _open.GetValueOrDefault(view.Id);
                Keep(view);
                foreach (var feed in FeedsOf(view))
                {
                    feed.Add(before, view);
                }
            }

            news = [.. _feeds.Values.Select(feed => feed.TakeNews()).OfType<TaskCompletionSource>()];
        }

        // Behind the lock: whoever is told comes for it at once, from another processor, and would wait at it.
        news.ForEach(each => each.TrySetResult());
    }

    /// <summary>The alarm as it now is takes the place of what it was.</summary>
    private void Keep(AlarmView view)
    {
        if (_open.Remove(view.Id, out var before))
        {
            _openBy[(int)before.State, (int)before.Priority]--;
        }

        if (view.State != AlarmState.Closed)
        {
            _open.Add(view.Id, view);
            _openBy[(int)view.State, (int)view.Priority]++;
        }
    }

    public FeedSnapshot Subscribe(string regionId, FeedCursor? cursor)
    {
        lock (_lock)
        {
            var feed = FeedOf(regionId);
            if (cursor is not null && cursor.Epoch == Epoch && feed.TryReadAfter(cursor.Seq, out var missed))
            {
                return feed.Snapshot(Epoch, time.HubNow(), full: false, [.. missed.Select(delta => delta.Alarm)]);
            }

            return feed.Snapshot(Epoch, time.HubNow(), full: true, [.. _open.Values.Where(alarm => views.Concerns(alarm, regionId)).OrderBy(alarm => alarm.RaisedAt)]);
        }
    }

    public FeedNews ReadAfter(string regionId, long seq)
    {
        lock (_lock)
        {
            var feed = FeedOf(regionId);
            return feed.TryReadAfter(seq, out var deltas)
                ? new FeedNews(deltas, false, feed.Seq, feed.OpenCritical, feed.OpenTotal)
                : new FeedNews([], true, feed.Seq, feed.OpenCritical, feed.OpenTotal);
        }
    }

    /// <summary>Completes when the feed has moved past <paramref name="seq"/>.</summary>
    public Task NewsAfter(string regionId, long seq)
    {
        lock (_lock)
        {
            var feed = FeedOf(regionId);
            return feed.Seq > seq ? Task.CompletedTask : feed.News;
        }
    }

    /// <summary>The feeds of its regions; and for what concerns a region as a whole, those of the regions within it.</summary>
    private IEnumerable<Feed> FeedsOf(AlarmView alarm) => RegionSite.IsId(alarm.Site.Id)
        ? _feeds.Where(pair => views.Concerns(alarm, pair.Key)).Select(pair => pair.Value)
        : alarm.Region.Path.Select(regionId => _feeds.GetValueOrDefault(regionId)).OfType<Feed>();

    private Feed FeedOf(string regionId)
    {
        if (!_feeds.TryGetValue(regionId, out var feed))
        {
            feed = new Feed();
            foreach (var alarm in _open.Values.Where(alarm => views.Concerns(alarm, regionId)))
            {
                feed.Count(alarm, 1);
            }

            _feeds.Add(regionId, feed);
        }

        return feed;
    }

    /// <summary>One region's stream. Guarded by the queue's lock.</summary>
    private sealed class Feed
    {
        /// <summary>The delta of a number stands at its remainder.</summary>
        private readonly FeedDelta[] _ring = new FeedDelta[Limits.FeedRingMax];
        private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _moved;

        public long Seq { get; private set; }

        public int OpenCritical { get; private set; }

        public int OpenTotal { get; private set; }

        public Task News => _news.Task;

        public void Add(AlarmView? before, AlarmView after)
        {
            if (before is not null)
            {
                Count(before, -1);
            }

            if (after.State != AlarmState.Closed)
            {
                Count(after, 1);
            }

            Seq++;
            _ring[Seq % _ring.Length] = new FeedDelta(Seq, after);
            _moved = true;
        }

        public void Count(AlarmView alarm, int by)
        {
            OpenTotal += by;
            OpenCritical += alarm.Priority == Priority.Critical ? by : 0;
        }

        /// <summary>What those wait for who have heard all so far; null when nothing has come since it was last taken.</summary>
        public TaskCompletionSource? TakeNews()
        {
            if (!_moved)
            {
                return null;
            }

            _moved = false;
            var told = _news;
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return told;
        }

        public bool TryReadAfter(long seq, out IReadOnlyList<FeedDelta> deltas)
        {
            deltas = [];
            if (seq < 0 || seq > Seq || Seq - seq > _ring.Length)
            {
                return false;
            }

            var missed = new FeedDelta[Seq - seq];
            for (var i = 0; i < missed.Length; i++)
            {
                missed[i] = _ring[(seq + 1 + i) % _ring.Length];
            }

            deltas = missed;
            return true;
        }

        public FeedSnapshot Snapshot(string epoch, DateTimeOffset now, bool full, IReadOnlyList<AlarmView> alarms) =>
            new(epoch, Seq, now, full, alarms, OpenCritical, OpenTotal);
    }
}
