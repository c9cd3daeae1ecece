using CareHub.Storage;
using CareHub.Storage.Registry;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace CareHub.Server.Security;

/// <summary>Sign-in, cookies and policies. Denies by default.</summary>
internal static class SecuritySetup
{
    public const string SupervisorPolicy = "supervisor";
    public const string AdministratorPolicy = "administrator";
    private const int PasswordCharsMin = 8;
    private const int FailedSignInsMax = 10;
    private static readonly TimeSpan LockoutTime = TimeSpan.FromMinutes(5);

    /// <summary>A shift with its hand-over; renewed while it is used.</summary>
    private static readonly TimeSpan SessionTime = TimeSpan.FromHours(14);

    public static void AddCareSecurity(this IServiceCollection services, DataDirectory data)
    {
        // In the data directory, so that consoles stay signed in when the hub restarts.
        services.AddDataProtection().SetApplicationName("CareHub").PersistKeysToFileSystem(new DirectoryInfo(data.CookieKeysFolder));

        services.AddIdentityCore<CareUser>(Configure)
            .AddEntityFrameworkStores<RegistryContext>()
            .AddClaimsPrincipalFactory<CareClaims>()
            .AddSignInManager();

        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddCookie(IdentityConstants.ApplicationScheme, cookie =>
        {
            cookie.Cookie.Name = "carehub";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = SessionTime;
            cookie.SlidingExpiration = true;
            cookie.Events.OnValidatePrincipal = SecurityStampValidator.ValidatePrincipalAsync;
            cookie.Events.OnRedirectToLogin = context => Answer(context.Response, StatusCodes.Status401Unauthorized);
            cookie.Events.OnRedirectToAccessDenied = context => Answer(context.Response, StatusCodes.Status403Forbidden);
        });

        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(SupervisorPolicy, policy => policy.RequireClaim(Caller.RoleClaim, Roles.Supervisor, Roles.Administrator))
            .AddPolicy(AdministratorPolicy, policy => policy.RequireClaim(Caller.RoleClaim, Roles.Administrator));
    }

    public static void Configure(IdentityOptions identity)
    {
        // Length is what counts (NIST SP 800-63B); rules about kinds of characters only make passwords worse.
        identity.Password.RequiredLength = PasswordCharsMin;
        identity.Password.RequireDigit = false;
        identity.Password.RequireLowercase = false;
        identity.Password.RequireUppercase = false;
        identity.Password.RequireNonAlphanumeric = false;
        identity.Lockout.MaxFailedAccessAttempts = FailedSignInsMax;
        identity.Lockout.DefaultLockoutTimeSpan = LockoutTime;
    }

    private static Task Answer(HttpResponse response, int status)
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    }
}
