using System.Security.Claims;
using CareHub.Core.Telemetry;
using CareHub.Server.Ingest;
using CareHub.Server.Presence;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

internal static class DeviceEndpoints
{
    private const int SeriesLimitDefault = 500;
    private const int SeriesLimitMax = 10_000;

    internal sealed record DeviceInfo(string Id, string Kind, string? Name, string? Model, string SiteId, string SiteName, string? Place, string? ResidentId, DateTimeOffset? LastHeardAt, bool Online, bool Disabled)
    {
        public required string RegionName { get; init; }

        public required string? GatewayId { get; init; }

        /// <summary>It has an MQTT connection of its own right now.</summary>
        public required bool Connected { get; init; }

        public required string? DisabledReason { get; init; }

        /// <summary>Until when the secret before the last rotation is accepted; null when there is none.</summary>
        public required DateTimeOffset? PreviousSecretUntil { get; init; }
    }

    internal sealed record DevicePage(IReadOnlyList<DeviceInfo> Items, string? Next);

    internal sealed record PointView(DateTimeOffset At, double Value);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/devices", List).RequireAuthorization(SecuritySetup.SupervisorPolicy).Produces<DevicePage>();
        var device = api.MapGroup("/devices/{id}");
        device.MapGet("", (string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, PresenceBook presence, LiveConnections live) =>
            Find(id, user, registry, scope) is { } entry ? Results.Ok(InfoOf(entry, presence, live)) : Problems.NotFound($"Device {id}")).Produces<DeviceInfo>();
        device.MapGet("/readings", SeriesAsync).Produces<IReadOnlyList<PointView>>();
    }

    /// <summary>The device if the caller's region covers it.</summary>
    internal static DeviceEntry? Find(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope) =>
        registry.Current.Devices.TryGetValue(id, out var entry) && scope.Covers(Caller.Of(user), entry.Site.Id) ? entry : null;

    /// <summary>In the order of ids; a page goes on after the last id of the one before.</summary>
    private static IResult List(ClaimsPrincipal user, RegistryView registry, AlarmScope scope, PresenceBook presence, LiveConnections live, string? search = null, string? after = null, int limit = 100)
    {
        if (limit is < 1 or > Limits.PageMax || search is { Length: > 100 })
        {
            return Problems.Invalid($"'limit' must be 1–{Limits.PageMax}, 'search' may have 100 characters");
        }

        var caller = Caller.Of(user);
        var found = registry.Current.Devices.InOrder(after, new DeviceSearch(site => scope.Covers(caller, site.Id), search))
            .Take(limit + 1).Select(device => InfoOf(device, presence, live)).ToList();
        return Results.Ok(found.Count > limit ? new DevicePage(found[..limit], found[limit - 1].Id) : new DevicePage(found, null));
    }

    internal static DeviceInfo InfoOf(DeviceEntry entry, PresenceBook presence, LiveConnections live)
    {
        var seen = presence.Find(entry.Id);
        DateTimeOffset? lastHeard = seen is { LastHeardMs: > 0 } ? UnixMs.ToTime(seen.LastHeardMs) : null;
        return new(entry.Id, entry.Facts.Kind, entry.Name, entry.Model, entry.Site.Id, entry.Site.Name, entry.Place, entry.Facts.ResidentId, lastHeard, lastHeard is not null && !seen!.IsOffline, entry.Disabled)
        {
            RegionName = entry.Site.Region.Name,
            GatewayId = entry.GatewayId,
            Connected = live.IsConnected(entry.Id),
            DisabledReason = entry.DisabledReason,
            PreviousSecretUntil = entry.PreviousSecretUntil,
        };
    }

    private static async Task<IResult> SeriesAsync(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, AccessLog access, ITelemetryStore telemetry, TimeProvider time, CancellationToken cancelled, string? name = null, DateTimeOffset? from = null, DateTimeOffset? to = null, int limit = SeriesLimitDefault)
    {
        if (string.IsNullOrEmpty(name) || limit is < 1 or > SeriesLimitMax)
        {
            return Problems.Invalid($"'name' is required and 'limit' must be 1–{SeriesLimitMax}");
        }

        if (Find(id, user, registry, scope) is not { } device)
        {
            return Problems.NotFound($"Device {id}");
        }

        await access.ReadingsAsync(Caller.Of(user), device.Facts.ResidentId);
        var until = to ?? time.HubNow();
        var readings = await telemetry.SeriesAsync(id, name, from ?? until.AddHours(-24), until, limit, cancelled);
        return Results.Ok(readings.Select(reading => new PointView(reading.At, reading.Value)));
    }
}
