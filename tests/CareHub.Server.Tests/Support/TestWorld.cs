using CareHub.Core.Devices;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Support;

/// <summary>Two communities, a home in each, a few devices, and a user for each role.</summary>
internal static class TestWorld
{
    public const string Button = "btn-1";
    public const string OtherButton = "btn-2";
    public const string Fall = "fall-1";
    public const string Smoke = "smoke-1";
    public const string Gateway = "gw-1";
    public const string BehindGateway = "behind-1";

    public static void Create(string directory)
    {
        var data = DataDirectory.Open(directory);
        var registry = RegistryStore.Open(data);
        var secrets = new DeviceSecrets(data.DeviceSecretKey());
        using (var context = registry.CreateContext())
        {
            context.Regions.Add(new RegionRow { Id = "city", ParentId = RegistryStore.RootRegionId, Name = "临江市", Level = "city" });
            context.Regions.Add(new RegionRow { Id = "north", ParentId = "city", Name = "北社区", Level = "community" });
            context.Regions.Add(new RegionRow { Id = "south", ParentId = "city", Name = "南社区", Level = "community" });
            context.Sites.Add(new SiteRow { Id = "home-1", RegionId = "north", Kind = "home", Name = "文晖路 1 号" });
            context.Sites.Add(new SiteRow { Id = "home-2", RegionId = "south", Kind = "home", Name = "桂花路 2 号" });
            context.Residents.Add(new ResidentRow { Id = "r-1", SiteId = "home-1", Name = "王桂英", BirthDate = new DateOnly(1943, 5, 6), Sex = "female", MedicalNotes = "高血压" });
            void Device(string id, string kind, string site, string? resident, string? gateway = null) => context.Devices.Add(new DeviceRow
            {
                Id = id, Kind = kind, SiteId = site, ResidentId = resident, GatewayId = gateway, SecretHash = secrets.Hash(TestHub.Secret), IntervalSeconds = 300,
            });
            Device(Button, DeviceKinds.EmergencyButton, "home-1", "r-1");
            Device(Fall, DeviceKinds.FallSensor, "home-1", "r-1");
            Device(Smoke, DeviceKinds.SmokeDetector, "home-1", "r-1");
            Device(OtherButton, DeviceKinds.EmergencyButton, "home-2", null);
            Device(Gateway, DeviceKinds.Gateway, "home-2", null);
            Device(BehindGateway, DeviceKinds.SmokeDetector, "home-2", null, Gateway);
            context.SaveChanges();
        }

        AddUsersAsync(registry).GetAwaiter().GetResult();
    }

    private static async Task AddUsersAsync(RegistryStore registry)
    {
        var services = new ServiceCollection().AddLogging().AddDbContext<RegistryContext>(registry.Use);
        services.AddIdentityCore<CareUser>(SecuritySetup.Configure).AddEntityFrameworkStores<RegistryContext>();
        await using var provider = services.BuildServiceProvider();
        using var scope = provider.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<CareUser>>();
        foreach (var (name, role, region) in new[]
        {
            ("operator", Roles.Operator, RegistryStore.RootRegionId),
            ("second", Roles.Operator, RegistryStore.RootRegionId),
            ("north", Roles.Operator, "north"),
            ("south", Roles.Operator, "south"),
            ("supervisor", Roles.Supervisor, RegistryStore.RootRegionId),
            ("admin", Roles.Administrator, RegistryStore.RootRegionId),
            ("north-admin", Roles.Administrator, "north"),
        })
        {
            var created = await users.CreateAsync(new CareUser { UserName = name, DisplayName = $"{name}!", Role = role, RegionId = region }, TestHub.Password);
            Assert.True(created.Succeeded);
        }
    }
}
