using System.Security.Claims;
using CareHub.Core.Telemetry;
using CareHub.Server.Presence;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

internal static class DeviceEndpoints
{
    private const int SeriesLimitDefault = 500;
    private const int SeriesLimitMax = 10_000;

    internal sealed record DeviceInfo(string Id, string Kind, string? Name, string? Model, string SiteId, string SiteName, string? Place, string? ResidentId, DateTimeOffset? LastHeardAt, bool Online, bool Disabled);

    internal sealed record ReadingView(string Name, double Value, DateTimeOffset At);

    internal sealed record PointView(DateTimeOffset At, double Value);

    public static void Map(RouteGroupBuilder api)
    {
        var device = api.MapGroup("/devices/{id}");
        device.MapGet("", (string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, PresenceBook presence) =>
            Find(id, user, registry, scope) is { } entry ? Results.Ok(InfoOf(entry, presence)) : Problems.NotFound($"Device {id}")).Produces<DeviceInfo>();
        device.MapGet("/readings/latest", LatestAsync).Produces<IReadOnlyList<ReadingView>>();
        device.MapGet("/readings", SeriesAsync).Produces<IReadOnlyList<PointView>>();
    }

    private static DeviceEntry? Find(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope) =>
        registry.Current.Devices.TryGetValue(id, out var entry) && scope.Covers(Caller.Of(user), entry.Site.Id) ? entry : null;

    private static DeviceInfo InfoOf(DeviceEntry entry, PresenceBook presence)
    {
        var seen = presence.Find(entry.Id);
        DateTimeOffset? lastHeard = seen is { LastHeardMs: > 0 } ? UnixMs.ToTime(seen.LastHeardMs) : null;
        return new(entry.Id, entry.Facts.Kind, entry.Name, entry.Model, entry.Site.Id, entry.Site.Name, entry.Place, entry.Facts.ResidentId, lastHeard, lastHeard is not null && !seen!.IsOffline, entry.Disabled);
    }

    private static async Task<IResult> LatestAsync(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, ITelemetryStore telemetry, CancellationToken cancelled) =>
        Find(id, user, registry, scope) is null
            ? Problems.NotFound($"Device {id}")
            : Results.Ok((await telemetry.LatestAsync(id, cancelled)).Select(reading => new ReadingView(reading.Name, reading.Value, reading.At)));

    private static async Task<IResult> SeriesAsync(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, ITelemetryStore telemetry, TimeProvider time, CancellationToken cancelled, string? name = null, DateTimeOffset? from = null, DateTimeOffset? to = null, int limit = SeriesLimitDefault)
    {
        if (string.IsNullOrEmpty(name) || limit is < 1 or > SeriesLimitMax)
        {
            return Problems.Invalid($"'name' is required and 'limit' must be 1–{SeriesLimitMax}");
        }

        if (Find(id, user, registry, scope) is null)
        {
            return Problems.NotFound($"Device {id}");
        }

        var until = to ?? time.HubNow();
        var readings = await telemetry.SeriesAsync(id, name, from ?? until.AddHours(-24), until, limit, cancelled);
        return Results.Ok(readings.Select(reading => new PointView(reading.At, reading.Value)));
    }
}
