using System.Security.Claims;
using CareHub.Server.Rules;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Api;

/// <summary>The rules in force, and a change of them with its author and reason.</summary>
internal static class RuleEndpoints
{
    private const int ReasonCharsMax = 500;

    /// <param name="Version">Names the rules: a hash of their text.</param>
    /// <param name="Errors">What is wrong with the file as it stands; then the rules in force are older ones.</param>
    /// <param name="Warnings">Overrides that apply nowhere, as the registry now is.</param>
    internal sealed record RulesView(string Version, int Overrides, string Source, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings);

    internal sealed record CheckBody(string? Source);

    internal sealed record CheckView(string? Version, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings);

    /// <param name="Version">The rules that were changed: somebody else may have changed them meanwhile.</param>
    internal sealed record ChangeBody(string? Source, string? Version, string? Reason);

    public static void Map(RouteGroupBuilder api)
    {
        var rules = api.MapGroup("/rules").RequireAuthorization(SecuritySetup.SupervisorPolicy);
        rules.MapGet("", (RuleView view, RegistryView registry) => ViewOf(view, registry)).Produces<RulesView>();
        rules.MapPost("/check", Check).Produces<CheckView>();
        rules.MapPut("", ChangeAsync).RequireAuthorization(SecuritySetup.AdministratorPolicy).Produces<RulesView>();
    }

    private static IResult Check(CheckBody body, RuleView view, RegistryView registry)
    {
        if (SourceError(body.Source) is { } error)
        {
            return Problems.Invalid(error);
        }

        var errors = new List<string>();
        var book = view.Check(body.Source!, errors);
        return Results.Ok(new CheckView(book?.Version, errors, book is null ? [] : RuleReach.Warnings(book, registry.Current)));
    }

    private static async Task<IResult> ChangeAsync(ChangeBody body, ClaimsPrincipal user, RuleView view, RegistryView registry)
    {
        var caller = Caller.Of(user);
        if (caller.RegionId != RegistryStore.RootRegionId)
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "out_of_scope", "Rules hold everywhere: whoever changes them must be responsible for all regions");
        }

        if (SourceError(body.Source) is { } error)
        {
            return Problems.Invalid(error);
        }

        if (body.Reason?.Trim() is not { Length: > 0 and <= ReasonCharsMax } reason)
        {
            return Problems.Invalid($"'reason' must have 1–{ReasonCharsMax} characters");
        }

        return await view.ReplaceAsync(body.Source!, body.Version, caller.Author, reason) switch
        {
            RuleReplacement.Refused refused => Problems.Invalid([.. refused.Errors]),
            RuleReplacement.Outdated outdated => Problems.Of(StatusCodes.Status409Conflict, "version_conflict", "Somebody else has changed the rules", $"version {outdated.Version} is in force"),
            _ => Results.Ok(ViewOf(view, registry)),
        };
    }

    private static string? SourceError(string? source) =>
        source is null ? "'source' is missing: the text of the rules" : source.Length > Limits.RulesCharsMax ? $"'source' must have at most {Limits.RulesCharsMax} characters" : null;

    private static RulesView ViewOf(RuleView view, RegistryView registry) =>
        new(view.Current.Version, view.Current.Overrides.Length, view.Current.Source, view.Errors, RuleReach.Warnings(view.Current, registry.Current));
}
