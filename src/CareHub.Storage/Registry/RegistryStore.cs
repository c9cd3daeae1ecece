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
        using var connection = new SqliteConnection(SqliteFile.ConnectionString(File));
        connection.Open();
        return new RegistryLoader(connection).Load();
    }

    private static System.Data.Common.DbConnection OpenConnection(RegistryContext context)
    {
        context.Database.OpenConnection();
        return context.Database.GetDbConnection();
    }
}
