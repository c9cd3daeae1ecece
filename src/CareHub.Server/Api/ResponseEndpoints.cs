using System.Security.Claims;
using CareHub.Core.Alarms;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage.Registry;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

/// <summary>The response beside the alarm: somebody is sent, goes, arrives; an operator hands over.</summary>
internal static class ResponseEndpoints
{
    internal sealed record SendBody(int? Version, string? To);

    internal sealed record HandOverBody(int? Version, string? To, string? Reason);

    internal sealed record StaffView(string User, string Name, string Role);

    public static void Map(RouteGroupBuilder api)
    {
        var alarm = api.MapGroup("/alarms/{id}");
        alarm.MapGet("/staff", ListAsync).Produces<IReadOnlyList<StaffView>>();
        alarm.MapPost("/dispatch", DispatchAsync).Produces<AlarmView>();
        alarm.MapPost("/hand-over", HandOverAsync).Produces<AlarmView>();
        Progress("/accept", ResponseStage.Accepted);
        Progress("/en-route", ResponseStage.EnRoute);
        Progress("/on-scene", ResponseStage.OnScene);

        void Progress(string path, ResponseStage stage) => alarm.MapPost(path, (string id, AlarmCommandEndpoints.VersionBody body, ClaimsPrincipal user, AlarmCommandEndpoints.Commands commands) =>
            body.Version is >= 1
                ? commands.RunAsync(user, id, author => new AlarmCommand.Progress(id, body.Version.Value, author, stage))
                : Task.FromResult(Problems.Invalid("'version' is required: the version of the alarm you are looking at"))).Produces<AlarmView>();
    }

    /// <summary>Who may be sent, or may take over: whoever's region covers the alarm's site.</summary>
    private static async Task<IResult> ListAsync(string id, ClaimsPrincipal user, AlarmScope scope, RegistryView registry, IDbContextFactory<RegistryContext> people)
    {
        if (scope.SiteOf(Caller.Of(user), id) is not { } siteId)
        {
            return Problems.NotFound($"Alarm {id}");
        }

        var staff = await StaffOfAsync(siteId, registry, people);
        return Results.Ok(staff.Select(each => new StaffView(each.UserName!, each.DisplayName, each.Role)));
    }

    private static async Task<IResult> DispatchAsync(string id, SendBody body, ClaimsPrincipal user, AlarmScope scope, RegistryView registry, IDbContextFactory<RegistryContext> people, AlarmCommandEndpoints.Commands commands) =>
        await WithPersonAsync(id, body.Version, body.To, user, scope, registry, people, (version, to) =>
            commands.RunAsync(user, id, author => new AlarmCommand.Dispatch(id, version, author, to.UserName!, to.DisplayName)));

    private static async Task<IResult> HandOverAsync(string id, HandOverBody body, ClaimsPrincipal user, AlarmScope scope, RegistryView registry, IDbContextFactory<RegistryContext> people, AlarmCommandEndpoints.Commands commands) =>
        body.Reason?.Length > Limits.NoteCharsMax
            ? Problems.Invalid($"'reason' may have up to {Limits.NoteCharsMax} characters")
            : await WithPersonAsync(id, body.Version, body.To, user, scope, registry, people, (version, to) =>
                commands.RunAsync(user, id, author => new AlarmCommand.HandOver(id, version, author, to.UserName!, to.DisplayName, body.Reason?.Trim())));

    private static async Task<IResult> WithPersonAsync(string id, int? version, string? to, ClaimsPrincipal user, AlarmScope scope, RegistryView registry, IDbContextFactory<RegistryContext> people, Func<int, CareUser, Task<IResult>> run)
    {
        if (scope.SiteOf(Caller.Of(user), id) is not { } siteId)
        {
            return Problems.NotFound($"Alarm {id}");
        }

        if (version is not >= 1)
        {
            return Problems.Invalid("'version' is required: the version of the alarm you are looking at");
        }

        var person = (await StaffOfAsync(siteId, registry, people)).FirstOrDefault(each => each.UserName == to);
        return person is null ? Problems.Invalid($"'to' must be somebody whose region covers the site; '{to}' is not") : await run(version.Value, person);
    }

    private static async Task<List<CareUser>> StaffOfAsync(string siteId, RegistryView registry, IDbContextFactory<RegistryContext> people)
    {
        IReadOnlyList<string> path = registry.Current.Sites.TryGetValue(siteId, out var site) ? site.Region.Path : [RegistryStore.RootRegionId];
        await using var context = await people.CreateDbContextAsync();
        return await context.Users.AsNoTracking().Where(each => path.Contains(each.RegionId)).OrderBy(each => each.UserName).ToListAsync();
    }
}
