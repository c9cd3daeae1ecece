using CareHub.Storage.Registry;

namespace CareHub.Server.Security;

/// <summary>Nobody sees or touches what is outside their region: the one place that decides it.</summary>
internal sealed class AlarmScope(RegistryView registry)
{
    public bool Covers(Caller caller, string siteId)
    {
        // A site that left the registry belongs to whoever sees everything.
        var path = registry.Current.Sites.GetValueOrDefault(siteId)?.Region.Path;
        return path is null ? caller.RegionId == RegistryStore.RootRegionId : path.Contains(caller.RegionId);
    }

    /// <summary>The alarm's site if the caller may see it; alarm ids are <c>{site}.{number}</c>.</summary>
    public string? SiteOf(Caller caller, string alarmId)
    {
        var dot = alarmId.LastIndexOf('.');
        return dot > 0 && Covers(caller, alarmId[..dot]) ? alarmId[..dot] : null;
    }
}
