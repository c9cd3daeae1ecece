using System.Security.Claims;
using CareHub.Server.Ingest;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

/// <summary>The latest refusals, newest first. A stranger's belongs to whoever sees everything.</summary>
internal static class RefusalEndpoints
{
    internal sealed record RefusalPage(IReadOnlyList<Refusal> Items);

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/refusals", List).RequireAuthorization(SecuritySetup.SupervisorPolicy).Produces<RefusalPage>();

    private static IResult List(ClaimsPrincipal user, RefusalBook refusals, RegistryView registry, AlarmScope scope)
    {
        var caller = Caller.Of(user);
        var devices = registry.Current.Devices;
        return Results.Ok(new RefusalPage([.. refusals.Newest().Where(refusal =>
            devices.TryGetValue(refusal.Who, out var device) ? scope.Covers(caller, device.Site.Id) : caller.RegionId == RegistryStore.RootRegionId)]));
    }
}
