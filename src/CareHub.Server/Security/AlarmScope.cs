using System.Collections.Immutable;
using CareHub.Storage.Registry;

namespace CareHub.Server.Security;

/// <summary>Nobody sees or touches what is outside their region: the one place that decides it.</summary>
internal sealed class AlarmScope(RegistryView registry)
{
    public bool Covers(Caller caller, string siteId) => Covers(caller, siteId, PathOf(siteId));

    /// <summary>Regions of the site, from the root down; null for one that left the registry.</summary>
    public ImmutableArray<string>? PathOf(string siteId) => registry.Current.Sites.GetValueOrDefault(siteId)?.Region.Path;

    /// <summary>For whoever asks of many callers about one site.</summary>
    /// <param name="path">What <see cref="PathOf"/> says of the site; one that left the registry belongs to whoever sees everything.</param>
    public bool Covers(Caller caller, string siteId, ImmutableArray<string>? path) =>
        path is null ? caller.RegionId == RegistryStore.RootRegionId : path.Value.Contains(caller.RegionId) || IsAbove(registry.Current, siteId, caller.RegionId);

    /// <summary>What concerns a region as a whole, an outage for example, concerns everybody in it, also a desk further down.</summary>
    public static bool IsAbove(RegistrySnapshot registry, string siteId, string regionId) =>
        RegionSite.IsId(siteId) && registry.Regions.TryGetValue(regionId, out var region) && region.Path.Contains(RegionSite.RegionOf(siteId));

    /// <summary>The alarm's site if the caller may see it; alarm ids are <c>{site}.{number}</c>.</summary>
    public string? SiteOf(Caller caller, string alarmId)
    {
        var dot = alarmId.LastIndexOf('.');
        return dot > 0 && Covers(caller, alarmId[..dot]) ? alarmId[..dot] : null;
    }
}
