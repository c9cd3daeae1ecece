using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Serialization;
using CareHub.Core.Telemetry;
using CareHub.Server.Configuration;
using CareHub.Server.Health;
using CareHub.Server.Security;
using CareHub.Storage.Registry;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>Readings as a person looks at them: newest values, charts, and what happened meanwhile.</summary>
internal static class TrendEndpoints
{
    private const int PointsDefault = 500;
    private const int PointsMax = 5_000;
    private const int WindowSecondsMax = 366 * 86_400;
    private static readonly TimeSpan EventsMax = TimeSpan.FromDays(366);

    /// <param name="StaleAfterSeconds">Older than this, the device has missed its time to speak.</param>
    /// <param name="DaysLeft">Of a battery: the days that its trend still gives it, as the health rules see it; null without a trend.</param>
    internal sealed record ReadingView(string DeviceId, string Name, string? Unit, double Value, DateTimeOffset At, int StaleAfterSeconds, double? DaysLeft);

    /// <summary>A window of time: all of it, or the one number that was asked for.</summary>
    [JsonDerivedType(typeof(Window))]
    [JsonDerivedType(typeof(Single))]
    internal abstract record TrendPoint
    {
        internal sealed record Window(DateTimeOffset At, double Min, double Max, double Avg, long Count) : TrendPoint;

        internal sealed record Single(DateTimeOffset At, double Value) : TrendPoint;
    }

    /// <param name="Points">Oldest first, each at the beginning of its window; a window without readings is not among them.</param>
    internal sealed record TrendView(string DeviceId, string Name, string? Unit, DateTimeOffset From, DateTimeOffset To, long WindowSeconds, string? Aggregation, IReadOnlyList<TrendPoint> Points);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/devices/{id}/readings/latest", DeviceLatestAsync).Produces<IReadOnlyList<ReadingView>>();
        api.MapGet("/devices/{id}/trend", TrendAsync).Produces<TrendView>();
        api.MapGet("/devices/{id}/readings.csv", CsvAsync).Produces<string>(contentType: ReadingCsv.ContentType);
        api.MapGet("/devices/{id}/events", DeviceEventsAsync).Produces<IReadOnlyList<NearbyEvent>>();
        api.MapGet("/residents/{id}/readings/latest", ResidentLatestAsync).Produces<IReadOnlyList<ReadingView>>();
        api.MapGet("/residents/{id}/events", ResidentEventsAsync).Produces<IReadOnlyList<NearbyEvent>>();
        api.MapGet("/alarms/{id}/events", AlarmEventsAsync).Produces<IReadOnlyList<NearbyEvent>>();
    }

    private static async Task<IResult> DeviceLatestAsync(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, AccessLog access, ITelemetryStore telemetry, HealthPast past, CancellationToken cancelled)
    {
        if (DeviceEndpoints.Find(id, user, registry, scope) is not { } device)
        {
            return Problems.NotFound($"Device {id}");
        }

        await access.ReadingsAsync(Caller.Of(user), device.Facts.ResidentId);
        return Results.Ok(await LatestAsync(device, telemetry, past, cancelled));
    }

    private static async Task<IResult> TrendAsync(
        string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, AccessLog access, ITelemetryStore telemetry, HubOptions options, TimeProvider time, CancellationToken cancelled,
        string? name = null, string? from = null, string? to = null, string? points = null, string? window = null, string? aggregation = null)
    {
        var errors = new List<string>();
        var range = TimeRange.Read(from, to, time.HubNow(), errors);
        if (string.IsNullOrEmpty(name))
        {
            errors.Add("'name' is required: the reading, such as heart_rate");
        }

        if (aggregation is not (null or "min" or "max" or "avg" or "sum" or "count"))
        {
            errors.Add("'aggregation' must be min, max, avg, sum or count");
        }

        if (points is not null && window is not null)
        {
            errors.Add("give 'points' or 'window', not both");
        }

        var pixels = WholeNumber("points", points, PointsDefault, PointsMax, errors);
        var seconds = WholeNumber("window", window, 1, WindowSecondsMax, errors);
        if (window is not null && errors.Count == 0 && range.Length.TotalSeconds / seconds > PointsMax)
        {
            errors.Add($"'window' of {seconds} s makes more than {PointsMax} points of this time; at least {Math.Ceiling(range.Length.TotalSeconds / PointsMax)} s are needed");
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid([.. errors]);
        }

        if (DeviceEndpoints.Find(id, user, registry, scope) is not { } device)
        {
            return Problems.NotFound($"Device {id}");
        }

        await access.ReadingsAsync(Caller.Of(user), device.Facts.ResidentId);
        var length = window is not null
            ? TimeSpan.FromSeconds(seconds)
            : TrendWindow.For(range.From, range.To, pixels, time.HubNow(), options.Influx is null ? options.Retention.Telemetry : null);
        var windows = await telemetry.WindowsAsync(id, name!, range.From, range.To, length, cancelled);
        return Results.Ok(new TrendView(id, name!, ReadingNames.UnitOf(name!), range.From, range.To, (long)length.TotalSeconds, aggregation, Shown(windows, aggregation)));
    }

    private static async Task<IResult> CsvAsync(
        string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, AccessLog access, ITelemetryStore telemetry, TimeProvider time, CancellationToken cancelled,
        string? name = null, string? from = null, string? to = null)
    {
        var errors = new List<string>();
        var range = TimeRange.Read(from, to, time.HubNow(), errors, EventsMax);
        if (errors.Count > 0)
        {
            return Problems.Invalid([.. errors]);
        }

        if (DeviceEndpoints.Find(id, user, registry, scope) is not { } device)
        {
            return Problems.NotFound($"Device {id}");
        }

        await access.ReadingsAsync(Caller.Of(user), device.Facts.ResidentId);
        IReadOnlyList<string> names = string.IsNullOrEmpty(name) ? [.. (await telemetry.LatestAsync(id, cancelled)).Select(reading => reading.Name)] : [name];
        return Results.Stream(body => ReadingCsv.WriteAsync(body, telemetry, device.Id, names, range, cancelled), ReadingCsv.ContentType, ReadingCsv.FileName(device.Id, range));
    }

    private static async Task<IResult> DeviceEventsAsync(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, NearbyEvents events, TimeProvider time, string? from = null, string? to = null)
    {
        var errors = new List<string>();
        var range = TimeRange.Read(from, to, time.HubNow(), errors, EventsMax);
        if (errors.Count > 0)
        {
            return Problems.Invalid([.. errors]);
        }

        return DeviceEndpoints.Find(id, user, registry, scope) is { } device
            ? Results.Ok(await events.OfAsync(Caller.Of(user), device.Facts.ResidentId, device.Id, range))
            : Problems.NotFound($"Device {id}");
    }

    private static async Task<IResult> ResidentLatestAsync(string id, ClaimsPrincipal user, RegistryView registry, AlarmScope scope, AccessLog access, IDbContextFactory<RegistryContext> people, ITelemetryStore telemetry, HealthPast past, CancellationToken cancelled)
    {
        if (!await MaySeeAsync(id, user, scope, people))
        {
            return Problems.NotFound($"Resident {id}");
        }

        await access.ReadingsAsync(Caller.Of(user), id);
        var readings = new List<ReadingView>();
        foreach (var device in registry.Current.DevicesOf(id).Where(device => scope.Covers(Caller.Of(user), device.Site.Id)))
        {
            readings.AddRange(await LatestAsync(device, telemetry, past, cancelled));
        }

        return Results.Ok(readings);
    }

    private static async Task<IResult> ResidentEventsAsync(string id, ClaimsPrincipal user, AlarmScope scope, IDbContextFactory<RegistryContext> people, NearbyEvents events, TimeProvider time, string? from = null, string? to = null)
    {
        var errors = new List<string>();
        var range = TimeRange.Read(from, to, time.HubNow(), errors, EventsMax);
        if (errors.Count > 0)
        {
            return Problems.Invalid([.. errors]);
        }

        return await MaySeeAsync(id, user, scope, people) ? Results.Ok(await events.OfAsync(Caller.Of(user), id, null, range)) : Problems.NotFound($"Resident {id}");
    }

    private static async Task<IResult> AlarmEventsAsync(string id, ClaimsPrincipal user, AlarmHistory history, NearbyEvents events, string? before = null, string? after = null, string? of = null)
    {
        var errors = new List<string>();
        var earlier = WholeNumber("before", before, 3_600, 7 * 86_400, errors);
        var later = WholeNumber("after", after, 3_600, 7 * 86_400, errors);
        if (of is not (null or "person" or "device" or "site"))
        {
            errors.Add("'of' must be person, device or site");
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid([.. errors]);
        }

        if (await history.FindAsync(Caller.Of(user), id) is not { } alarm)
        {
            return Problems.NotFound($"Alarm {id}");
        }

        var range = new TimeRange(alarm.OccurredAt.AddSeconds(-earlier), alarm.OccurredAt.AddSeconds(later));
        return Results.Ok(of == "site" ? await events.OfSiteAsync(alarm.SiteId, range) : await events.OfAsync(Caller.Of(user), of == "device" ? null : alarm.ResidentId, alarm.DeviceId, range));
    }

    private static async Task<bool> MaySeeAsync(string residentId, ClaimsPrincipal user, AlarmScope scope, IDbContextFactory<RegistryContext> people)
    {
        await using var context = await people.CreateDbContextAsync();
        return await context.Residents.Where(row => row.Id == residentId).Select(row => row.SiteId).FirstOrDefaultAsync() is { } site && scope.Covers(Caller.Of(user), site);
    }

    private static async Task<IReadOnlyList<ReadingView>> LatestAsync(DeviceEntry device, ITelemetryStore telemetry, HealthPast past, CancellationToken cancelled)
    {
        var views = new List<ReadingView>();
        foreach (var reading in await telemetry.LatestAsync(device.Id, cancelled))
        {
            var daysLeft = reading.Name == ReadingNames.Battery ? await past.BatteryDaysLeftAsync(reading, cancelled) : null;
            views.Add(new ReadingView(device.Id, reading.Name, ReadingNames.UnitOf(reading.Name), reading.Value, reading.At, (int)device.SupervisionLimit.TotalSeconds, daysLeft));
        }

        return views;
    }

    private static IReadOnlyList<TrendPoint> Shown(IReadOnlyList<ReadingWindow> windows, string? aggregation)
    {
        Func<ReadingWindow, TrendPoint> point = aggregation switch
        {
            null => static window => new TrendPoint.Window(window.From, window.Min, window.Max, window.Average, window.Count),
            "min" => static window => new TrendPoint.Single(window.From, window.Min),
            "max" => static window => new TrendPoint.Single(window.From, window.Max),
            "sum" => static window => new TrendPoint.Single(window.From, window.Sum),
            "count" => static window => new TrendPoint.Single(window.From, window.Count),
            _ => static window => new TrendPoint.Single(window.From, window.Average),
        };
        return [.. windows.Select(point)];
    }

    private static int WholeNumber(string name, string? text, int otherwise, int max, List<string> errors)
    {
        if (text is null)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max)
        {
            return number;
        }

        errors.Add($"'{name}' must be a whole number from 1 to {max}");
        return otherwise;
    }
}
