using CareHub.Core.Devices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Storage.Registry;

/// <summary>The registry database: opened, kept up to date in schema, and loaded into snapshots.</summary>
internal sealed class RegistryStore
{
    /// <summary>The region above all others: whoever is scoped to it sees everything.</summary>
    public const string RootRegionId = "all";

    /// <summary>Where sites stand that an import named and nobody has placed yet.</summary>
    public const string UnassignedRegionId = "unassigned";

    /// <summary>A native device that declares no interval counts as a battery device of its family.</summary>
    private static readonly TimeSpan SupervisionDefault = TimeSpan.FromHours(25);

    private RegistryStore(string file) => File = file;

    public string File { get; }

    public static RegistryStore Open(DataDirectory data)
    {
        var store = new RegistryStore(data.RegistryFile);
        using var context = store.CreateContext();
        SchemaUpdate.Apply(context, data.RegistryFile);
        SqliteFile.Execute((SqliteConnection)OpenConnection(context), "PRAGMA journal_mode=WAL");
        if (!context.Regions.Any(region => region.Id == RootRegionId))
        {
            context.Regions.Add(new RegionRow { Id = RootRegionId, Name = "全部区域", Level = "root" });
            context.Regions.Add(new RegionRow { Id = UnassignedRegionId, ParentId = RootRegionId, Name = "未分配", Level = "community" });
            context.SaveChanges();
        }

        return store;
    }

    public RegistryContext CreateContext()
    {
        var builder = new DbContextOptionsBuilder<RegistryContext>();
        Use(builder);
        return new RegistryContext(builder.Options);
    }

    /// <summary>Points a context at this database.</summary>
    public void Use(DbContextOptionsBuilder builder) => builder.UseSqlite(SqliteFile.ConnectionString(File));

    public RegistrySnapshot Load()
    {
        using var context = CreateContext();

        // One read transaction: a snapshot never mixes two states of the registry.
        using var transaction = context.Database.BeginTransaction();
        var regions = LoadRegions([.. context.Regions.AsNoTracking()]);
        var sites = context.Sites.AsNoTracking().AsEnumerable()
            .ToDictionary(row => row.Id, row => new SiteEntry(row.Id, row.Kind, row.Name, row.Address, regions[row.RegionId]), StringComparer.Ordinal);
        foreach (var region in regions.Values)
        {
            var id = RegionSite.IdOf(region.Id);
            sites[id] = new SiteEntry(id, RegionSite.Kind, region.Name, null, region);
        }

        sites[HubSite.Id] = new SiteEntry(HubSite.Id, HubSite.Kind, HubSite.Name, null, regions[RootRegionId]);
        var contacts = context.Set<ContactRow>().AsNoTracking().OrderBy(row => row.Position).Select(row => new { row.ResidentId, Contact = new ContactEntry(row.Id, row.Phone) }).AsEnumerable()
            .ToLookup(row => row.ResidentId, row => row.Contact, StringComparer.Ordinal);
        var residents = context.Residents.AsNoTracking().Select(row => new { row.Id, row.Name, row.BirthDate, row.Sex }).AsEnumerable()
            .Select(row => new ResidentEntry(row.Id, row.Name, row.BirthDate, row.Sex, [.. contacts[row.Id]]))
            .ToDictionary(resident => resident.Id, StringComparer.Ordinal);
        var labels = context.Spaces.AsNoTracking().Select(row => new { row.Id, row.Label }).AsEnumerable()
            .ToDictionary(row => row.Id, row => row.Label, StringComparer.Ordinal);
        var devices = context.Devices.AsNoTracking().AsEnumerable()
            .ToDictionary(row => row.Id, row => ToEntry(row, sites, residents, labels), StringComparer.Ordinal);
        var services = context.Services.AsNoTracking().AsEnumerable()
            .ToDictionary(row => row.Name, row => new ServiceEntry(row.Name, row.SecretHash, Lines(row.PublishFilters), Lines(row.SubscribeFilters)), StringComparer.Ordinal);
        return new RegistrySnapshot { Regions = regions, Sites = sites, Residents = residents, Devices = devices, Services = services };

        static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static DeviceEntry ToEntry(DeviceRow row, Dictionary<string, SiteEntry> sites, Dictionary<string, ResidentEntry> residents, Dictionary<string, string> labels) =>
        new(
            new DeviceFacts(row.Id, row.Kind, row.SiteId, row.ResidentId) { GatewayId = row.GatewayId, RegionPath = sites[row.SiteId].Region.Path },
            sites[row.SiteId],
            row.ResidentId is null ? null : residents[row.ResidentId])
        {
            Name = row.Name,
            Model = row.Model,
            Place = row.SpaceId is null ? null : labels[row.SpaceId],
            GatewayId = row.GatewayId,
            SecretHash = row.SecretHash,
            SupervisionLimit = row.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(2L * seconds) : SupervisionDefault,
            Disabled = row.Disabled,
            DisabledReason = row.DisabledReason,
            PreviousSecretHash = row.PreviousSecretHash,
            PreviousSecretUntil = row.PreviousSecretUntil is { } until ? UnixMs.ToTime(until) : null,
        };

    private static Dictionary<string, RegionEntry> LoadRegions(List<RegionRow> rows)
    {
        var byId = rows.ToDictionary(row => row.Id, StringComparer.Ordinal);
        return rows.ToDictionary(row => row.Id, row => new RegionEntry(row.Id, row.Name, row.Level, [.. PathOf(row)]), StringComparer.Ordinal);

        List<string> PathOf(RegionRow row)
        {
            var path = new List<string>();
            for (RegionRow? at = row; at is not null && path.Count < byId.Count; at = at.ParentId is null ? null : byId[at.ParentId])
            {
                path.Insert(0, at.Id);
            }

            return path;
        }
    }

    private static System.Data.Common.DbConnection OpenConnection(RegistryContext context)
    {
        context.Database.OpenConnection();
        return context.Database.GetDbConnection();
    }
}
