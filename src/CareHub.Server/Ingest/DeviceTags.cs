using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Server.Ingest;

/// <summary>The tags of a device's readings, from the registry: what the device is and where, by id.</summary>
internal sealed class DeviceTags(RegistryView registry) : IDeviceTags
{
    public object Version => registry.Current;

    public SeriesTags Of(string device) => registry.Current.Devices.TryGetValue(device, out var entry)
        ? new SeriesTags(entry.Facts.Kind, entry.Site.Id, entry.Site.Region.Id)
        : default;

    public string? RegionOf(string site) => registry.Current.Sites.TryGetValue(site, out var entry) ? entry.Region.Id : null;
}
