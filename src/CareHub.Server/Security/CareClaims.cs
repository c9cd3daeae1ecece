using System.Security.Claims;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CareHub.Server.Security;

/// <summary>Puts role and region into the cookie, so that a request needs no look at the database.</summary>
internal sealed class CareClaims(UserManager<CareUser> users, IOptions<IdentityOptions> options) : UserClaimsPrincipalFactory<CareUser>(users, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(CareUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new(Caller.NameClaim, user.DisplayName));
        identity.AddClaim(new(Caller.RoleClaim, user.Role));
        identity.AddClaim(new(Caller.RegionClaim, user.RegionId));
        return identity;
    }
}
