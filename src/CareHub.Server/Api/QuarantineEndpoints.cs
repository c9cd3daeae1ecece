using System.Security.Claims;
using System.Text;
using System.Text.Unicode;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>Payloads that could not be decoded, for those who can do something about it.</summary>
internal static class QuarantineEndpoints
{
    internal sealed record QuarantineItem(long Id, DateTimeOffset At, string DeviceId, string SiteId, string Topic, string Reason, int Offset, string Payload, string Encoding);

    internal sealed record QuarantinePage(IReadOnlyList<QuarantineItem> Items, long? Next);

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/quarantine", ListAsync).RequireAuthorization(SecuritySetup.SupervisorPolicy).Produces<QuarantinePage>();

    private static async Task<IResult> ListAsync(ClaimsPrincipal user, AlarmScope scope, IDbContextFactory<AlarmsContext> alarms, int limit = 100, long before = long.MaxValue)
    {
        if (limit is < 1 or > Limits.PageMax)
        {
            return Problems.Invalid($"'limit' must be 1–{Limits.PageMax}");
        }

        var caller = Caller.Of(user);
        await using var context = await alarms.CreateDbContextAsync();
        var items = new List<QuarantineItem>();
        await foreach (var row in context.Quarantine.AsNoTracking().Where(row => row.Id < before).OrderByDescending(row => row.Id).AsAsyncEnumerable())
        {
            if (!scope.Covers(caller, row.SiteId))
            {
                continue;
            }

            if (items.Count == limit)
            {
                return Results.Ok(new QuarantinePage(items, items[^1].Id));
            }

            items.Add(ItemOf(row));
        }

        return Results.Ok(new QuarantinePage(items, null));
    }

    private static QuarantineItem ItemOf(QuarantineRow row)
    {
        var isText = Utf8.IsValid(row.Payload);
        var payload = isText ? Encoding.UTF8.GetString(row.Payload) : Convert.ToBase64String(row.Payload);
        return new(row.Id, UnixMs.ToTime(row.At), row.DeviceId, row.SiteId, row.Topic, row.Reason, row.Offset, payload, isText ? "text" : "base64");
    }
}
