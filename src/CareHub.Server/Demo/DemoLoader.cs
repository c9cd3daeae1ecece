using System.Security.Cryptography;
using System.Text;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Identity;

namespace CareHub.Server.Demo;

/// <summary>Puts the demo city into an empty data directory, once, and prints its users.</summary>
internal sealed class DemoLoader(DataDirectory data, RegistryStore registry, DeviceSecrets secrets)
{
    private const int RandomPasswordChars = 10;
    private const string RandomWordLetters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Returns the devices that it registered; none, and does nothing, when any is there.</summary>
    public async Task<IReadOnlyList<DeviceRow>> LoadAsync(string? password, UserManager<CareUser> users, TextWriter output)
    {
        await using var context = registry.CreateContext();
        if (context.Devices.Any())
        {
            return [];
        }

        var city = DemoCity.Build(secrets);
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            context.Regions.AddRange(city.Regions);
            context.Sites.AddRange(city.Sites);
            context.Spaces.AddRange(city.Spaces);
            context.Residents.AddRange(city.Residents);
            context.Devices.AddRange(city.Devices);
            await context.SaveChangesAsync();

            // Before the commit: a demo without its credentials file could never be driven.
            WriteCredentials(city);
            await transaction.CommitAsync();
        }

        password = string.IsNullOrEmpty(password) ? RandomNumberGenerator.GetString(RandomWordLetters, RandomPasswordChars) : password;
        await output.WriteLineAsync($"Demo city: {city.Devices.Count} devices, {city.Residents.Count} residents, {city.Sites.Count} sites. Credentials of the devices: {data.DemoDevicesFile}");
        await output.WriteLineAsync("Demo users (shown once):");
        foreach (var (name, displayName, role, regionId) in new[]
        {
            ("operator", "李强", Roles.Operator, RegistryStore.RootRegionId),
            ("operator2", "陈静", Roles.Operator, RegistryStore.RootRegionId),
            ("carer", "王敏", Roles.CareStaff, "lj-ns-wh-c1"),
            ("supervisor", "周涛", Roles.Supervisor, RegistryStore.RootRegionId),
            ("admin", "管理员", Roles.Administrator, RegistryStore.RootRegionId),
        })
        {
            var created = await users.CreateAsync(new CareUser { UserName = name, DisplayName = displayName, Role = role, RegionId = regionId }, password);
            if (!created.Succeeded)
            {
                throw new InvalidOperationException($"demo user {name}: {string.Join("; ", created.Errors.Select(error => error.Description))}");
            }

            await output.WriteLineAsync($"  {name,-10}  password {password}  ({role})");
        }

        return city.Devices;
    }

    private void WriteCredentials(DemoCity city)
    {
        var csv = new StringBuilder("device_id,kind,site_id,secret\n");
        foreach (var (device, secret) in city.Credentials)
        {
            csv.Append(device.Id).Append(',').Append(device.Kind).Append(',').Append(device.SiteId).Append(',').Append(secret).Append('\n');
        }

        DataDirectory.WritePrivate(data.DemoDevicesFile, Encoding.UTF8.GetBytes(csv.ToString()));
    }
}
