using System.CommandLine;
using System.Security.Cryptography;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Identity;

namespace CareHub.Server.Commands;

internal static class UsersCommand
{
    private const string PasswordLetters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int PasswordChars = 14;

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The name to sign in with." };
        var role = new Option<string>("--role") { Description = $"One of {string.Join(", ", Roles.All)}.", DefaultValueFactory = _ => Roles.Operator };
        var display = new Option<string?>("--display-name") { Description = "The name others see; NAME when left out." };
        var region = new Option<string>("--region") { Description = "Region whose alarms the user sees, with all below it.", DefaultValueFactory = _ => RegistryStore.RootRegionId };
        var password = new Option<string?>("--password") { Description = "The password; a random one is made and printed when left out. Other processes can see arguments: leave it out on shared machines." };
        role.AcceptOnlyFromAmong(Roles.All);
        var add = new Command("add", "Add somebody who may sign in.") { name, role, display, region, password };
        add.SetAction(parsed => AddAsync(
            new CareUser
            {
                UserName = parsed.GetValue(name),
                DisplayName = parsed.GetValue(display) ?? parsed.GetValue(name)!,
                Role = parsed.GetValue(role)!,
                RegionId = parsed.GetValue(region)!,
            },
            parsed.GetValue(password)));
        return new Command("users", "Manage users.") { add };
    }

    private static async Task<int> AddAsync(CareUser user, string? given)
    {
        if (HubConfiguration.Load(HubConfiguration.CreateBuilder().Configuration) is not { } options)
        {
            return CommandLine.Misused;
        }

        var registry = RegistryStore.Open(DataDirectory.Open(options.DataDirectory));
        await using (var context = registry.CreateContext())
        {
            if (!context.Regions.Any(region => region.Id == user.RegionId))
            {
                await Console.Error.WriteLineAsync($"--region: '{user.RegionId}' is not registered; there are {string.Join(", ", context.Regions.Select(region => region.Id).Order())}");
                return CommandLine.Misused;
            }
        }

        var services = new ServiceCollection().AddLogging().AddDbContext<RegistryContext>(registry.Use);
        services.AddIdentityCore<CareUser>(SecuritySetup.Configure).AddEntityFrameworkStores<RegistryContext>();
        await using var provider = services.BuildServiceProvider();
        using var scope = provider.CreateScope();
        var password = given ?? RandomNumberGenerator.GetString(PasswordLetters, PasswordChars);
        var result = await scope.ServiceProvider.GetRequiredService<UserManager<CareUser>>().CreateAsync(user, password);
        if (!result.Succeeded)
        {
            foreach (var error in result.Errors)
            {
                await Console.Error.WriteLineAsync(error.Description);
            }

            return CommandLine.Failed;
        }

        await Console.Out.WriteLineAsync(given is null ? $"{user.UserName} added; password (shown once): {password}" : $"{user.UserName} added");
        return CommandLine.Ok;
    }
}
