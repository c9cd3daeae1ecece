using System.Security.Claims;
using CareHub.Core.Alarms;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>Who changed what in the registry, when and why. Each entry shows its hash, so that a copy proves the original.</summary>
internal static class RegistryTimelineEndpoints
{
    internal sealed record EntryView(long Seq, DateTimeOffset At, RegistryEvent Event, string Subject, AuthorView Author, string? Reason, string Hash);

    internal sealed record EntryPage(IReadOnlyList<EntryView> Items, long? Next);

    internal sealed record ChainView(long Entries, long? BrokenAt);

    public static void Map(RouteGroupBuilder api)
    {
        var timeline = api.MapGroup("/registry/timeline").RequireAuthorization(SecuritySetup.SupervisorPolicy);
        timeline.MapGet("", ListAsync).Produces<EntryPage>();
        timeline.MapGet("/check", CheckAsync).Produces<ChainView>();
    }

    private static async Task<IResult> ListAsync(ClaimsPrincipal user, RegistryView registry, AlarmScope scope, IDbContextFactory<RegistryContext> contexts, string? subject = null, int limit = 100, long before = long.MaxValue)
    {
        if (limit is < 1 or > Limits.PageMax)
        {
            return Problems.Invalid($"'limit' must be 1–{Limits.PageMax}");
        }

        var caller = Caller.Of(user);
        await using var context = await contexts.CreateDbContextAsync();
        var rows = context.Timeline.AsNoTracking().Where(row => row.Seq < before && (subject == null || row.Subject == subject)).OrderByDescending(row => row.Seq);
        var items = new List<EntryView>();
        await foreach (var row in rows.AsAsyncEnumerable())
        {
            // What is about no device of today belongs to whoever sees everything.
            var isCovered = registry.Current.Devices.TryGetValue(row.Subject, out var device) ? scope.Covers(caller, device.Site.Id) : caller.RegionId == RegistryStore.RootRegionId;
            if (!isCovered)
            {
                continue;
            }

            if (items.Count == limit)
            {
                return Results.Ok(new EntryPage(items, items[^1].Seq));
            }

            items.Add(new EntryView(row.Seq, UnixMs.ToTime(row.At), row.Event, row.Subject, new AuthorView(row.AuthorKind, row.AuthorId, row.AuthorName), row.Reason, Convert.ToHexStringLower(row.Hash)));
        }

        return Results.Ok(new EntryPage(items, null));
    }

    /// <summary>Walks the whole chain.</summary>
    private static async Task<IResult> CheckAsync(IDbContextFactory<RegistryContext> contexts)
    {
        await using var context = await contexts.CreateDbContextAsync();
        var broken = RegistryTimeline.FindBreak(context.Timeline.AsNoTracking().OrderBy(row => row.Seq));
        return Results.Ok(new ChainView(await context.Timeline.LongCountAsync(), broken));
    }
}
