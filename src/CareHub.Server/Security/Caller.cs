using System.Security.Claims;
using CareHub.Core.Alarms;

namespace CareHub.Server.Security;

/// <summary>The signed-in person: name, role, and the region that bounds what they see.</summary>
internal sealed record Caller(string User, string Name, string Role, string RegionId)
{
    public const string NameClaim = "carehub:name";
    public const string RoleClaim = "carehub:role";
    public const string RegionClaim = "carehub:region";

    public Author Author => new(AuthorKind.User, User, Name);

    public static Caller Of(ClaimsPrincipal principal) => new(
        principal.Identity!.Name!,
        principal.FindFirstValue(NameClaim)!,
        principal.FindFirstValue(RoleClaim)!,
        principal.FindFirstValue(RegionClaim)!);
}
