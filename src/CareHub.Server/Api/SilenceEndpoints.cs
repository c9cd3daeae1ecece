using System.Security.Claims;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Silences;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

/// <summary>Shelves and maintenance: time-limited, authored silences of a device or a kind, and what stands of them.</summary>
internal static class SilenceEndpoints
{
    internal sealed record ShelveBody(string? DeviceId, string? Kind, string? Reason, int? Minutes);

    internal sealed record MaintenanceBody(string? Mode, string? DeviceId, string? Reason, int? Minutes);

    internal sealed record EndBody(string? Reason);

    internal sealed record ShelfView(string Id, string SiteId, string? DeviceId, SignalKind? Kind, AuthorView By, string Reason, DateTimeOffset From, DateTimeOffset Until);

    internal sealed record MaintenanceView(string Id, string SiteId, MaintenanceMode Mode, string? DeviceId, AuthorView By, string Reason, DateTimeOffset From, DateTimeOffset Until, int Tests);

    internal sealed record BegunView(string Id);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/shelves", (ClaimsPrincipal user, SilenceBook book, AlarmScope scope, AlarmViews views) =>
            book.Shelves.Where(each => scope.Covers(Caller.Of(user), each.SiteId)).OrderBy(each => each.Shelf.Until)
                .Select(each => new ShelfView(each.Shelf.Id, each.SiteId, each.Shelf.DeviceId, each.Shelf.Kind, views.Of(each.Shelf.Author), each.Shelf.Reason, each.Shelf.From, each.Shelf.Until)));
        api.MapGet("/maintenance", (ClaimsPrincipal user, SilenceBook book, AlarmScope scope, AlarmViews views) =>
            book.Maintenance.Where(each => scope.Covers(Caller.Of(user), each.SiteId)).Select(each => (each.SiteId, Of: each.Maintenance)).OrderBy(each => each.Of.Until)
                .Select(each => new MaintenanceView(each.Of.Id, each.SiteId, each.Of.Mode, each.Of.DeviceId, views.Of(each.Of.Author), each.Of.Reason, each.Of.From, each.Of.Until, each.Of.Tests)));

        var site = api.MapGroup("/sites/{siteId}");
        site.MapPost("/shelves", ShelveAsync).Produces<BegunView>();
        site.MapPost("/shelves/{id}/end", (string siteId, string id, EndBody body, ClaimsPrincipal user, Runner runner) =>
            Reasoned(body.Reason, reason => runner.RunAsync(user, siteId, author => new AlarmCommand.Unshelve(id, author, reason)))).Produces<BegunView>();
        site.MapPost("/maintenance", BeginAsync).Produces<BegunView>();
        site.MapPost("/maintenance/{id}/end", (string siteId, string id, EndBody body, ClaimsPrincipal user, Runner runner) =>
            Reasoned(body.Reason, reason => runner.RunAsync(user, siteId, author => new AlarmCommand.EndMaintenance(id, author, reason)))).Produces<BegunView>();
    }

    private static Task<IResult> ShelveAsync(string siteId, ShelveBody body, ClaimsPrincipal user, Runner runner, TimeProvider time) => Reasoned(body.Reason, reason =>
    {
        SignalKind? kind = null;
        if (body.Kind is not null)
        {
            if (!Words<SignalKind>.TryParse(body.Kind, out var parsed))
            {
                return Refuse($"'kind' must be one of {string.Join(", ", Words<SignalKind>.All)}");
            }

            kind = parsed;
        }

        return Timed(body.Minutes, SilenceTriage.ShelfMax, length =>
            runner.BeginAsync(user, siteId, body.DeviceId, author => new AlarmCommand.Shelve(body.DeviceId, kind, author, reason, time.HubNow() + length)));
    });

    private static Task<IResult> BeginAsync(string siteId, MaintenanceBody body, ClaimsPrincipal user, Runner runner, TimeProvider time) => Reasoned(body.Reason, reason =>
        body.Mode is null || !Words<MaintenanceMode>.TryParse(body.Mode, out var mode)
            ? Refuse($"'mode' must be one of {string.Join(", ", Words<MaintenanceMode>.All)}")
            : Timed(body.Minutes, mode == MaintenanceMode.WalkTest ? SilenceTriage.WalkTestMax : SilenceTriage.OutOfServiceMax, length =>
                runner.BeginAsync(user, siteId, body.DeviceId, author => new AlarmCommand.BeginMaintenance(mode, body.DeviceId, author, reason, time.HubNow() + length))));

    private static Task<IResult> Reasoned(string? reason, Func<string, Task<IResult>> run) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > Limits.NoteCharsMax ? Refuse($"'reason' is required, up to {Limits.NoteCharsMax} characters") : run(reason.Trim());

    private static Task<IResult> Timed(int? minutes, TimeSpan max, Func<TimeSpan, Task<IResult>> run) =>
        minutes is { } given && given >= 1 && given <= max.TotalMinutes ? run(TimeSpan.FromMinutes(given)) : Refuse($"'minutes' must be 1–{max.TotalMinutes:0}");

    private static Task<IResult> Refuse(string error) => Task.FromResult(Problems.Invalid(error));

    /// <summary>Runs a command on a site and says what came of it.</summary>
    internal sealed class Runner(AlarmScope scope, RegistryView registry, TriagePipeline pipeline)
    {
        /// <summary>A silence of a device that is not there would silence nothing, and somebody would rely on it.</summary>
        public Task<IResult> BeginAsync(ClaimsPrincipal user, string siteId, string? deviceId, Func<Author, AlarmCommand> command) =>
            deviceId is not null && scope.Covers(Caller.Of(user), siteId) && registry.Current.Sites.ContainsKey(siteId) && !IsAt(siteId, deviceId)
                ? Refuse($"'deviceId' must be a device of site {siteId}")
                : RunAsync(user, siteId, command);

        /// <summary>The hub and a region speak for themselves.</summary>
        private bool IsAt(string siteId, string deviceId) =>
            registry.Current.Devices.GetValueOrDefault(deviceId)?.Facts.SiteId == siteId
            || (siteId == HubSite.Id && HubSite.IsPart(deviceId)) || (RegionSite.IsId(siteId) && deviceId == siteId);

        public async Task<IResult> RunAsync(ClaimsPrincipal user, string siteId, Func<Author, AlarmCommand> command)
        {
            var caller = Caller.Of(user);
            if (!registry.Current.Sites.ContainsKey(siteId) || !scope.Covers(caller, siteId))
            {
                return Problems.NotFound($"Site {siteId}");
            }

            var result = await pipeline.CommandAsync(siteId, command(caller.Author));
            return result.Outcome switch
            {
                CommandOutcome.Done => Results.Ok(new BegunView(result.SilenceId!)),
                CommandOutcome.NotFound => Problems.NotFound("The silence"),
                _ => Problems.Of(StatusCodes.Status409Conflict, "not_allowed", "This may not be silenced", "Fire and other critical alarms, and everything at once, cannot be shelved; out of service is for one device"),
            };
        }
    }
}
