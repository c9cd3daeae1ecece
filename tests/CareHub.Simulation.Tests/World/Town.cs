using CareHub.Core.Devices;
using CareHub.Server;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Simulation.Tests.World;

/// <param name="RegionPath">From the root down.</param>
internal sealed record Place(string SiteId, string[] RegionPath);

internal sealed record Thing(string Id, string Kind, string SiteId, string? ResidentId = null, string? GatewayId = null);

internal sealed record Person(string User, string RegionId, bool IsSupervisor = false)
{
    public string Name => $"{User}!";
}

/// <summary>The plan of the town: a seed decides which sites live, what they go through and who sits at the desks.</summary>
internal static class Town
{
    public const int IntervalSeconds = 60;

    /// <summary>Silence longer than this is an alarm: two intervals.</summary>
    public static readonly TimeSpan SupervisionLimit = TimeSpan.FromSeconds(2 * IntervalSeconds);

    public static readonly Place[] Places =
    [
        new("home-1", [RegistryStore.RootRegionId, "city", "north"]),
        new("home-2", [RegistryStore.RootRegionId, "city", "north"]),
        new("home-3", [RegistryStore.RootRegionId, "city", "south"]),
        new("ward-4", [RegistryStore.RootRegionId, "city", "south"]),
        new("ward-5", [RegistryStore.RootRegionId, "city", "west"]),
    ];

    public static readonly Thing[] Things =
    [
        new("btn-1", DeviceKinds.EmergencyButton, "home-1", "r-1"),
        new("fall-1", DeviceKinds.FallSensor, "home-1", "r-1"),
        new("smoke-1", DeviceKinds.SmokeDetector, "home-1"),
        new("bed-1", DeviceKinds.BedSensor, "home-1", "r-1"),

        new("gw-2", DeviceKinds.Gateway, "home-2"),
        new("btn-2", DeviceKinds.EmergencyButton, "home-2", "r-2", "gw-2"),
        new("smoke-2", DeviceKinds.SmokeDetector, "home-2", null, "gw-2"),
        new("heat-2", DeviceKinds.HeatDetector, "home-2", null, "gw-2"),
        new("water-2", DeviceKinds.WaterSensor, "home-2", null, "gw-2"),

        new("fall-3", DeviceKinds.FallSensor, "home-3", "r-3"),
        new("gas-3", DeviceKinds.GasDetector, "home-3"),
        new("env-3", DeviceKinds.EnvironmentSensor, "home-3"),
        new("door-3", DeviceKinds.DoorSensor, "home-3", "r-3"),

        new("gw-4", DeviceKinds.Gateway, "ward-4"),
        new("btn-4", DeviceKinds.EmergencyButton, "ward-4", "r-4", "gw-4"),
        new("vital-4", DeviceKinds.VitalMonitor, "ward-4", "r-4", "gw-4"),
        new("bed-4", DeviceKinds.BedSensor, "ward-4", "r-5", "gw-4"),
        new("power-4", DeviceKinds.PowerMonitor, "ward-4"),
        new("env-4", DeviceKinds.EnvironmentSensor, "ward-4", null, "gw-4"),

        new("co-5", DeviceKinds.CoDetector, "ward-5"),
        new("smoke-5", DeviceKinds.SmokeDetector, "ward-5"),
        new("btn-5", DeviceKinds.EmergencyButton, "ward-5", "r-6"),
        new("water-5", DeviceKinds.WaterSensor, "ward-5"),
    ];

    public static readonly Person[] People =
    [
        new("duty", RegistryStore.RootRegionId),
        new("chief", RegistryStore.RootRegionId, IsSupervisor: true),
        new("north", "north"),
        new("south", "south"),
        new("city", "city"),
        new("carer", "north"),
    ];

    private static readonly Lazy<RegistryView> LazyRegistry = new(Build);

    /// <summary>The hub's own registry, over SQLite, filled with the plan; the same for every seed.</summary>
    public static RegistryView Registry => LazyRegistry.Value;

    public static Place PlaceOf(string siteId) => Array.Find(Places, place => place.SiteId == siteId)!;

    private static RegistryView Build()
    {
        var folder = Directory.CreateTempSubdirectory("carehub-simulation-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        var store = RegistryStore.Open(DataDirectory.Open(folder.FullName));
        using var context = store.CreateContext();
        context.Regions.Add(new RegionRow { Id = "city", ParentId = RegistryStore.RootRegionId, Name = "city", Level = "city" });
        foreach (var community in Places.Select(place => place.RegionPath[^1]).Distinct())
        {
            context.Regions.Add(new RegionRow { Id = community, ParentId = "city", Name = community, Level = "community" });
        }

        context.Sites.AddRange(Places.Select(place => new SiteRow { Id = place.SiteId, RegionId = place.RegionPath[^1], Kind = "home", Name = place.SiteId }));
        context.Residents.AddRange(Things.Where(thing => thing.ResidentId is not null).DistinctBy(thing => thing.ResidentId)
            .Select(thing => new ResidentRow { Id = thing.ResidentId!, SiteId = thing.SiteId, Name = thing.ResidentId! }));
        context.Devices.AddRange(Things.Select(thing => new DeviceRow
        {
            Id = thing.Id,
            Kind = thing.Kind,
            SiteId = thing.SiteId,
            ResidentId = thing.ResidentId,
            GatewayId = thing.GatewayId,
            SecretHash = [],
            IntervalSeconds = IntervalSeconds,
        }));
        context.SaveChanges();
        return new RegistryView(store, NullLogger<RegistryView>.Instance);
    }
}
