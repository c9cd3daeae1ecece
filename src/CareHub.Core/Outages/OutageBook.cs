using System.Collections.Immutable;
using CareHub.Core.Triage;

namespace CareHub.Core.Outages;

/// <summary>
/// Who is silent where: finds the region that is out when many devices of many sites fall silent within the window, and when
/// that is over. Time comes in as an argument; not for several threads at once.
/// </summary>
/// <remarks>An entry for each silent device: bounded by the registry.</remarks>
internal sealed class OutageBook
{
    /// <summary>An outage is told of the smallest region that holds this share of those who have just fallen silent.</summary>
    private const double ShareOfRegion = 0.8;

    /// <summary>It is over when no more than this share of those it took is still silent.</summary>
    private const double StillSilent = 0.2;

    private readonly Dictionary<string, Gone> _gone = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _silent = new(StringComparer.Ordinal);
    private readonly Queue<(string DeviceId, string SiteId, DateTimeOffset At)> _recent = new();
    private readonly Dictionary<string, int> _recentOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Standing> _outages = new(StringComparer.Ordinal);

    /// <summary>Sites with silent devices in a region.</summary>
    public IEnumerable<string> SilentSites(string regionId) =>
        _gone.Values.Where(gone => gone.Path.Contains(regionId)).Select(gone => gone.SiteId).Distinct(StringComparer.Ordinal);

    public IEnumerable<string> SilentDevices => _gone.Keys;

    public IEnumerable<string> Outages => _outages.Keys;

    /// <param name="path">Regions of the device's site, from the root down.</param>
    public void Add(string deviceId, string siteId, ImmutableArray<string> path, DateTimeOffset at)
    {
        if (!_gone.TryAdd(deviceId, new Gone(siteId, path, at)))
        {
            return;
        }

        _recent.Enqueue((deviceId, siteId, at));
        _recentOf[siteId] = _recentOf.GetValueOrDefault(siteId) + 1;
        foreach (var regionId in path)
        {
            var silent = _silent[regionId] = _silent.GetValueOrDefault(regionId) + 1;
            if (_outages.TryGetValue(regionId, out var standing))
            {
                standing.Peak = Math.Max(standing.Peak, silent - standing.Before);
            }
        }
    }

    public void Remove(string deviceId)
    {
        if (_gone.Remove(deviceId, out var gone))
        {
            foreach (var regionId in gone.Path)
            {
                _silent[regionId]--;
            }
        }
    }

    /// <summary>The outage that a site of these regions is in; null when there is none.</summary>
    public string? Covering(ImmutableArray<string> path) => path.FirstOrDefault(_outages.ContainsKey);

    /// <summary>A region in which an outage begins now, and which counts as out from here on; null when there is none.</summary>
    public string? Begin(OutageRule rule, DateTimeOffset now)
    {
        while (_recent.TryPeek(out var oldest) && now - oldest.At > rule.Window)
        {
            Forget(_recent.Dequeue().SiteId);
        }

        // Looked through only when there can be one: a facility of a thousand devices that falls silent is one site.
        if (_recent.Count < rule.Devices || _recentOf.Count < rule.Sites)
        {
            return null;
        }

        var fresh = Fresh();
        if (fresh.Count < rule.Devices)
        {
            return null;
        }

        var (regionId, of) = Narrow(fresh);
        if (of.Count < rule.Devices || of.Select(gone => gone.SiteId).Distinct(StringComparer.Ordinal).Count() < rule.Sites)
        {
            return null;
        }

        var before = _silent[regionId] - of.Count;
        _outages[regionId] = new Standing(before) { Peak = of.Count };
        return regionId;
    }

    /// <summary>After a start: an outage that was standing. All who are silent there count as its own.</summary>
    public void Resume(string regionId) => _outages[regionId] = new Standing(0) { Peak = _silent.GetValueOrDefault(regionId) };

    /// <summary>Outages that are over; they no longer cover anything.</summary>
    public IReadOnlyList<string> End()
    {
        var over = _outages.Where(pair => _silent.GetValueOrDefault(pair.Key) - pair.Value.Before <= StillSilent * pair.Value.Peak).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToList();
        over.ForEach(Drop);
        return over;
    }

    /// <summary>It does not count as out: what was found could not be put on record.</summary>
    public void Drop(string regionId) => _outages.Remove(regionId);

    private void Forget(string siteId)
    {
        if (--_recentOf[siteId] == 0)
        {
            _recentOf.Remove(siteId);
        }
    }

    /// <summary>Who has fallen silent within the window, is still silent and in no outage.</summary>
    private List<Gone> Fresh()
    {
        var fresh = new List<Gone>(_recent.Count);
        foreach (var (deviceId, _, at) in _recent)
        {
            if (_gone.TryGetValue(deviceId, out var gone) && gone.At == at && Covering(gone.Path) is null)
            {
                fresh.Add(gone);
            }
        }

        return fresh;
    }

    /// <summary>From the root down, as long as one region below holds nearly all of it.</summary>
    private static (string RegionId, List<Gone> Of) Narrow(List<Gone> fresh)
    {
        var (regionId, of) = (fresh[0].Path[0], fresh);
        for (var depth = 1; ; depth++)
        {
            var below = of.Where(gone => gone.Path.Length > depth).GroupBy(gone => gone.Path[depth], StringComparer.Ordinal).MaxBy(group => (group.Count(), group.Key));
            if (below is null || below.Count() < ShareOfRegion * of.Count)
            {
                return (regionId, of);
            }

            (regionId, of) = (below.Key, [.. below]);
        }
    }

    private readonly record struct Gone(string SiteId, ImmutableArray<string> Path, DateTimeOffset At);

    /// <param name="before">Silent before it began, for reasons of their own.</param>
    private sealed class Standing(int before)
    {
        public int Before { get; } = before;

        public int Peak { get; set; }
    }
}
