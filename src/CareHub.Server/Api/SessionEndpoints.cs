using System.Security.Claims;
using CareHub.Server.Security;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Identity;

namespace CareHub.Server.Api;

internal static class SessionEndpoints
{
    internal sealed record SignInRequest(string? User, string? Password);

    internal sealed record Me(string User, string Name, string Role, string RegionId, string RegionName);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/session", SignInAsync).AllowAnonymous().Produces<Me>();
        api.MapGet("/session", (ClaimsPrincipal user, RegistryView registry) => MeOf(Caller.Of(user), registry)).Produces<Me>();
        api.MapDelete("/session", async (SignInManager<CareUser> signIn) =>
        {
            await signIn.SignOutAsync();
            return Results.NoContent();
        });
    }

    private static async Task<IResult> SignInAsync(SignInRequest request, SignInManager<CareUser> signIn, RegistryView registry)
    {
        if (string.IsNullOrWhiteSpace(request.User) || string.IsNullOrEmpty(request.Password))
        {
            return Problems.Invalid("'user' and 'password' are required");
        }

        var user = await signIn.UserManager.FindByNameAsync(request.User.Trim());
        var result = user is null ? SignInResult.Failed : await signIn.CheckPasswordSignInAsync(user, request.Password, lockoutOnFailure: true);
        if (result.IsLockedOut)
        {
            return Problems.Of(StatusCodes.Status429TooManyRequests, "locked_out", "Too many failed attempts; try again in a few minutes");
        }

        if (!result.Succeeded)
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "sign_in_failed", "Unknown user or wrong password");
        }

        await signIn.SignInAsync(user!, isPersistent: true);
        return Results.Ok(MeOf(new Caller(user!.UserName!, user.DisplayName, user.Role, user.RegionId), registry));
    }

    private static Me MeOf(Caller caller, RegistryView registry) =>
        new(caller.User, caller.Name, caller.Role, caller.RegionId, registry.Current.Regions.GetValueOrDefault(caller.RegionId)?.Name ?? caller.RegionId);
}
