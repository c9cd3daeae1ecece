using System.Collections.Concurrent;
using CareHub.Core.Silences;
using CareHub.Core.Triage;

namespace CareHub.Server.Push;

/// <summary>Shelves and maintenance that stand, for lists and counts: what is silenced must be seen to be.</summary>
internal sealed class SilenceBook
{
    private readonly ConcurrentDictionary<string, SiteMemory> _sites = new(StringComparer.Ordinal);

    public IEnumerable<(string SiteId, Shelf Shelf)> Shelves => _sites.SelectMany(site => site.Value.Shelves.Values.Select(shelf => (site.Key, shelf)));

    public IEnumerable<(string SiteId, Maintenance Maintenance)> Maintenance => _sites.SelectMany(site => site.Value.Maintenance.Values.Select(each => (site.Key, each)));

    public void Restore(IEnumerable<SiteState> sites)
    {
        foreach (var site in sites)
        {
            Keep(site.SiteId, site.Memory);
        }
    }

    /// <summary>Takes what a commit has changed. Called by every shard; a site is in one of them.</summary>
    public void Publish(IReadOnlyDictionary<string, SiteMemory> memories)
    {
        foreach (var (siteId, memory) in memories)
        {
            Keep(siteId, memory);
        }
    }

    private void Keep(string siteId, SiteMemory memory)
    {
        if (memory.Shelves.IsEmpty && memory.Maintenance.IsEmpty)
        {
            _sites.TryRemove(siteId, out _);
        }
        else
        {
            _sites[siteId] = memory;
        }
    }
}
