namespace CareHub.Storage.Telemetry.Spool;

/// <summary>What the registry knows of a device when its reading comes; null where it knows nothing. Ids and kinds, never names.</summary>
internal readonly record struct SeriesTags(string? Kind, string? Site, string? Region);

/// <summary>Where tags come from. Another <see cref="Version"/> (compared by reference) says that they may have changed.</summary>
internal interface IDeviceTags
{
    object Version { get; }

    SeriesTags Of(string device);

    /// <summary>The region that a site is in now; null for a site that is not registered.</summary>
    string? RegionOf(string site);
}

/// <summary>A device's measurement of one name, with the tags of its place. The spool writes them down once for each segment.</summary>
/// <param name="id">Number by which records refer to it; from 1.</param>
internal sealed class Series(int id, string device, string name, in SeriesTags tags, SpoolLane lane)
{
    public int Id { get; } = id;

    public string Device { get; } = device;

    public string Name { get; } = name;

    public SeriesTags Tags { get; } = tags;

    public SpoolLane Lane { get; } = lane;

    /// <summary>Number of the segment that has written it down last; belongs to the one thread that writes segments.</summary>
    public int DeclaredIn { get; set; }

    /// <summary>The start of its lines for InfluxDB; made by the one who forwards when it is first needed.</summary>
    public byte[]? LinePrefix { get; set; }
}

/// <summary>A reading in the spool.</summary>
/// <param name="Series">What it is a reading of.</param>
/// <param name="AtTicks">Its time, as <see cref="Embedded.UnixTicks"/>.</param>
/// <param name="Value">Finite.</param>
/// <param name="ReceivedMs">Unix time of its receipt: its own time may be days old.</param>
internal readonly record struct SpoolReading(Series Series, long AtTicks, double Value, long ReceivedMs);
