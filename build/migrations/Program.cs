using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.EntityFrameworkCore.Sqlite.Design.Internal;
using Microsoft.Extensions.DependencyInjection;

if (args is not [("registry" or "alarms") and var database, var name])
{
    Console.Error.WriteLine("usage: dotnet run -- registry|alarms NAME");
    return 2;
}

using DbContext context = database == "registry"
    ? new RegistryContext(new DbContextOptionsBuilder<RegistryContext>().UseSqlite("Data Source=:memory:").Options)
    : new AlarmsContext(new DbContextOptionsBuilder<AlarmsContext>().UseSqlite("Data Source=:memory:").Options);

var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(context);
#pragma warning disable EF1001 // the provider's design services have no public entry of their own
new SqliteDesignTimeServices().ConfigureDesignTimeServices(services);
#pragma warning restore EF1001
using var provider = services.BuildServiceProvider();
var scaffolder = provider.GetRequiredService<IMigrationsScaffolder>();

var project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src/CareHub.Storage"));
var folder = database == "registry" ? "Registry/Migrations" : "Alarms/Migrations";
var migration = scaffolder.ScaffoldMigration(name, "CareHub.Storage", folder.Replace('/', '.'));
var files = scaffolder.Save(project, migration, Path.Combine(project, folder), dryRun: false);
Console.WriteLine(files.MigrationFile);
return 0;
