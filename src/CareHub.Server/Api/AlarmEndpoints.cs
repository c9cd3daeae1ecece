using System.Security.Claims;
using CareHub.Server.Push;
using CareHub.Server.Security;

namespace CareHub.Server.Api;

/// <summary>Reading alarms; what people do to them is in <see cref="AlarmCommandEndpoints"/>.</summary>
internal static class AlarmEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/alarms", ListAsync).Produces<AlarmPage>();
        api.MapGet("/alarms/{id}", DetailAsync).Produces<AlarmDetail>();
        api.MapGet("/alarms/{id}/signals", SignalsAsync).Produces<DecidedSignals>();
    }

    private static async Task<IResult> ListAsync(ClaimsPrincipal user, AlarmHistory history, string? state = "open", int limit = 200, string? before = null)
    {
        if (state is not ("open" or "closed"))
        {
            return Problems.Invalid("'state' must be open or closed");
        }

        if (limit is < 1 or > Limits.PageMax)
        {
            return Problems.Invalid($"'limit' must be 1–{Limits.PageMax}");
        }

        if (!AlarmCursor.TryParse(before, out var cursor))
        {
            return Problems.Invalid("'before' must be the 'next' of an earlier answer");
        }

        return Results.Ok(await history.PageAsync(Caller.Of(user), state == "open", limit, cursor));
    }

    private static async Task<IResult> SignalsAsync(string id, ClaimsPrincipal user, AlarmSignals signals) =>
        await signals.OfAsync(Caller.Of(user), id) is { } decided ? Results.Ok(decided) : Problems.NotFound($"Alarm {id}");

    private static async Task<IResult> DetailAsync(string id, ClaimsPrincipal user, AlarmHistory history) =>
        await history.DetailAsync(Caller.Of(user), id) is { } detail ? Results.Ok(detail) : Problems.NotFound($"Alarm {id}");
}
