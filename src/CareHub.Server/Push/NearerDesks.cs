using System.Collections.Immutable;
using CareHub.Storage.Registry;

namespace CareHub.Server.Push;

/// <summary>
/// What one console has been told of the desks below its own region. An alarm sounds first at the nearest level that has a desk on
/// duty: the levels above have to know that there is one, and sound for whatever they do not know of (docs/api.md, "SignalR").
/// </summary>
internal sealed class NearerDesks(ConsoleBook consoles, RegistryView registry, string regionId)
{
    private DutyRoster? _seen;

    public NearerDesksView Told { get; private set; } = new(0, null);

    /// <summary>Looks again; whether there is something else to tell.</summary>
    public bool Renew()
    {
        var roster = consoles.Duty;
        if (ReferenceEquals(roster, _seen))
        {
            return false;
        }

        _seen = roster;
        var regions = Below(regionId, roster.Regions, registry.Current.Regions);
        if (regions is null ? Told.Regions is null : Told.Regions?.SequenceEqual(regions) == true)
        {
            return false;
        }

        Told = new(roster.Number, regions);
        return true;
    }

    /// <summary>Regions within this one that have a desk on duty; null when they are too many to tell.</summary>
    public static IReadOnlyList<DutyRegionView>? Below(string regionId, ImmutableHashSet<string> onDuty, IReadOnlyDictionary<string, RegionEntry> regions)
    {
        var below = onDuty.Where(id => id != regionId).Select(id => regions.GetValueOrDefault(id)).OfType<RegionEntry>()
            .Where(region => region.Path.Contains(regionId))
            .OrderBy(region => region.Id, StringComparer.Ordinal)
            .Select(region => new DutyRegionView(region.Id, region.Name))
            .ToList();
        return below.Count > Limits.NearerDesksMax ? null : below;
    }
}

/// <param name="Number">The higher one is the later one, within a life of the hub.</param>
/// <param name="Regions">Null: not said. The console sounds for everything.</param>
internal sealed record NearerDesksView(long Number, IReadOnlyList<DutyRegionView>? Regions);

internal sealed record DutyRegionView(string Id, string Name);
