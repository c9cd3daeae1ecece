using System.Security.Claims;
using CareHub.Core;
using CareHub.Core.Alarms;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

/// <summary>What people do to alarms. Each goes through the triage shard of the alarm's site, like a device's signal.</summary>
internal static class AlarmCommandEndpoints
{
    private const int SilenceSecondsMax = 120;
    private const int SilenceIdsMax = 1_000;

    internal sealed record VersionBody(int? Version);

    internal sealed record ReasonBody(int? Version, string? Reason);

    internal sealed record ResolveBody(int? Version, string? Disposition, string? Note);

    internal sealed record NoteBody(string? Note);

    internal sealed record SilenceBody(string[]? AlarmIds, int? Seconds);

    public static void Map(RouteGroupBuilder api)
    {
        var alarm = api.MapGroup("/alarms/{id}");
        alarm.MapPost("/acknowledge", (string id, VersionBody body, ClaimsPrincipal user, Commands commands) =>
            Versioned(body.Version, version => commands.RunAsync(user, id, author => new AlarmCommand.Acknowledge(id, version, author)))).Produces<AlarmView>();
        alarm.MapPost("/claim", (string id, VersionBody body, ClaimsPrincipal user, Commands commands) =>
            Versioned(body.Version, version => commands.RunAsync(user, id, author => new AlarmCommand.Claim(id, version, author)))).Produces<AlarmView>();
        alarm.MapPost("/take-over", TakeOverAsync).Produces<AlarmView>();
        alarm.MapPost("/release", ReleaseAsync).Produces<AlarmView>();
        alarm.MapPost("/resolve", ResolveAsync).Produces<AlarmView>();
        alarm.MapPost("/notes", NoteAsync).Produces<AlarmView>();
        api.MapPost("/silences", SilenceAsync);
    }

    private static Task<IResult> TakeOverAsync(string id, ReasonBody body, ClaimsPrincipal user, Commands commands) => Versioned(body.Version, version =>
        string.IsNullOrWhiteSpace(body.Reason) || body.Reason.Length > Limits.NoteCharsMax
            ? Refuse($"'reason' is required, up to {Limits.NoteCharsMax} characters")
            : commands.RunAsync(user, id, author => new AlarmCommand.TakeOver(id, version, author, body.Reason.Trim())));

    private static Task<IResult> ReleaseAsync(string id, ReasonBody body, ClaimsPrincipal user, Commands commands) => Versioned(body.Version, version =>
    {
        if (body.Reason?.Length > Limits.NoteCharsMax)
        {
            return Refuse($"'reason' may have up to {Limits.NoteCharsMax} characters");
        }

        // A supervisor may free what somebody left claimed.
        var anyOwner = Caller.Of(user).Role is Roles.Supervisor or Roles.Administrator;
        return commands.RunAsync(user, id, author => new AlarmCommand.Release(id, version, author, body.Reason?.Trim(), anyOwner));
    });

    private static Task<IResult> ResolveAsync(string id, ResolveBody body, ClaimsPrincipal user, Commands commands) => Versioned(body.Version, version =>
    {
        if (body.Disposition is null || !Words<Disposition>.TryParse(body.Disposition, out var disposition))
        {
            return Refuse($"'disposition' must be one of {string.Join(", ", Words<Disposition>.All)}");
        }

        return body.Note?.Length > Limits.NoteCharsMax
            ? Refuse($"'note' may have up to {Limits.NoteCharsMax} characters")
            : commands.RunAsync(user, id, author => new AlarmCommand.Resolve(id, version, author, disposition, string.IsNullOrWhiteSpace(body.Note) ? null : body.Note.Trim()));
    });

    private static Task<IResult> NoteAsync(string id, NoteBody body, ClaimsPrincipal user, Commands commands) =>
        string.IsNullOrWhiteSpace(body.Note) || body.Note.Length > Limits.NoteCharsMax
            ? Refuse($"'note' is required, up to {Limits.NoteCharsMax} characters")
            : commands.RunAsync(user, id, author => new AlarmCommand.AddNote(id, 0, author, body.Note.Trim()));

    private static async Task<IResult> SilenceAsync(SilenceBody body, ClaimsPrincipal user, AlarmScope scope, TriagePipeline pipeline)
    {
        if (body.AlarmIds is not { Length: > 0 and <= SilenceIdsMax } ids || body.Seconds is not (>= 1 and <= SilenceSecondsMax))
        {
            return Problems.Invalid($"'alarmIds' must name 1–{SilenceIdsMax} alarms and 'seconds' must be 1–{SilenceSecondsMax}");
        }

        var caller = Caller.Of(user);
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            if (scope.SiteOf(caller, id) is { } siteId)
            {
                await pipeline.CommandAsync(siteId, new AlarmCommand.Silence(id, 0, caller.Author, body.Seconds.Value));
            }
        }

        return Results.NoContent();
    }

    private static Task<IResult> Versioned(int? version, Func<int, Task<IResult>> run) =>
        version is >= 1 ? run(version.Value) : Refuse("'version' is required: the version of the alarm you are looking at");

    private static Task<IResult> Refuse(string error) => Task.FromResult(Problems.Invalid(error));

    /// <summary>Runs a command and says what came of it.</summary>
    internal sealed class Commands(AlarmScope scope, TriagePipeline pipeline, AlarmHistory history, AlarmViews views)
    {
        public async Task<IResult> RunAsync(ClaimsPrincipal user, string alarmId, Func<Author, AlarmCommand> command)
        {
            var caller = Caller.Of(user);
            if (scope.SiteOf(caller, alarmId) is not { } siteId)
            {
                return Problems.NotFound($"Alarm {alarmId}");
            }

            var result = await pipeline.CommandAsync(siteId, command(caller.Author));
            if (result.Outcome == CommandOutcome.NotFound && await history.FindAsync(caller, alarmId) is { IsOpen: false } closed)
            {
                result = new CommandResult(CommandOutcome.AlreadyClosed, closed);
            }

            return Answer(result, alarmId);
        }

        private IResult Answer(CommandResult result, string alarmId) => result.Outcome switch
        {
            CommandOutcome.Done => Results.Ok(views.Of(result.Alarm!)),
            CommandOutcome.NotFound => Problems.NotFound($"Alarm {alarmId}"),
            CommandOutcome.AlreadyClosed => Conflict("already_closed", "The alarm is closed", result.Alarm!),
            CommandOutcome.AlreadyClaimed => Conflict("already_claimed", $"{result.Alarm!.ClaimedBy?.Name} has claimed this alarm", result.Alarm),
            CommandOutcome.NotClaimed => Conflict("not_claimed", "Nobody has claimed this alarm", result.Alarm!),
            CommandOutcome.WrongStage => Conflict("wrong_stage", "The response is further than that, or nobody has been sent", result.Alarm!),
            CommandOutcome.NotAssigned => Conflict("not_assigned", $"{result.Alarm!.AssignedTo?.Name} was sent", result.Alarm),
            _ => Conflict("version_conflict", "Something happened to this alarm that you have not seen yet", result.Alarm!),
        };

        private IResult Conflict(string code, string title, Alarm alarm)
        {
            var more = new Dictionary<string, object?>(StringComparer.Ordinal) { ["alarm"] = views.Of(alarm) };
            if (alarm.ClaimedBy is { } owner)
            {
                more["owner"] = new { owner.User, owner.Name };
                more["since"] = owner.At;
            }

            return Problems.Of(StatusCodes.Status409Conflict, code, title, null, more);
        }
    }
}
