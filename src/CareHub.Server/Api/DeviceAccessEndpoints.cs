using System.Security.Claims;
using CareHub.Server.Configuration;
using CareHub.Server.Ingest;
using CareHub.Server.Presence;
using CareHub.Server.Security;
using CareHub.Storage.Registry;
using QRCoder;

namespace CareHub.Server.Api;

/// <summary>Devices' identities, in an administrator's hands. Every change is in the registry's timeline with its reason.</summary>
internal static class DeviceAccessEndpoints
{
    private const int OverlapHoursDefault = 24;
    private const int ClaimCodeHoursDefault = 72;
    private const int QrPixelsPerModule = 8;

    internal sealed record NewDeviceRequest(string? Id, string? Kind, string? SiteId, string? Name, string? Model, string? SpaceId, string? ResidentId, string? GatewayId, int? IntervalSeconds, string? Reason);

    internal sealed record ReasonRequest(string? Reason);

    internal sealed record RotateRequest(string? Reason, int? OverlapHours);

    internal sealed record ClaimCodeRequest(string? Reason, int? Hours);

    internal sealed record SecretView(string DeviceId, string Secret, DateTimeOffset? PreviousSecretUntil);

    internal sealed record ClaimCodeView(string DeviceId, string Code, string Url, DateTimeOffset ExpiresAt, string Svg);

    public static void Map(RouteGroupBuilder api)
    {
        var devices = api.MapGroup("/devices").RequireAuthorization(SecuritySetup.AdministratorPolicy);
        devices.MapPost("", Create).Produces<SecretView>(StatusCodes.Status201Created);
        devices.MapPost("/{id}/rotate-secret", Rotate).Produces<SecretView>();
        devices.MapPost("/{id}/disable", (string id, ReasonRequest request, Work work, ClaimsPrincipal user) => SetDisabled(id, true, request, work, user)).Produces<DeviceEndpoints.DeviceInfo>();
        devices.MapPost("/{id}/enable", (string id, ReasonRequest request, Work work, ClaimsPrincipal user) => SetDisabled(id, false, request, work, user)).Produces<DeviceEndpoints.DeviceInfo>();
        devices.MapPost("/{id}/claim-codes", CreateClaimCode).Produces<ClaimCodeView>(StatusCodes.Status201Created);
    }

    private static IResult Create(NewDeviceRequest request, Work work, ClaimsPrincipal user)
    {
        if (CheckReason(request.Reason, isRequired: false) is { } wrong)
        {
            return wrong;
        }

        // A site outside the caller's region is as good as none.
        var siteId = request.SiteId ?? "";
        if (!work.Registry.Current.Sites.ContainsKey(siteId) || siteId == HubSite.Id || !work.Scope.Covers(Caller.Of(user), siteId))
        {
            return Problems.Invalid($"'siteId': '{siteId}' is not registered, or is outside your region");
        }

        var device = new NewDevice(request.Id ?? "", request.Kind ?? "", siteId, request.Name, request.Model, request.SpaceId, request.ResidentId, request.GatewayId, request.IntervalSeconds);
        var outcome = work.Changes.Create(device, work.Note(user, request.Reason));
        work.TakeEffect();
        return outcome.Value is { } issued
            ? Results.Created($"/api/v1/devices/{issued.DeviceId}", new SecretView(issued.DeviceId, issued.Secret, null))
            : Problems.Invalid([.. outcome.Errors]);
    }

    private static IResult Rotate(string id, RotateRequest request, Work work, ClaimsPrincipal user)
    {
        var hours = request.OverlapHours ?? OverlapHoursDefault;
        if (hours is < 0 or > Limits.SecretOverlapHoursMax)
        {
            return Problems.Invalid($"'overlapHours' must be 0–{Limits.SecretOverlapHoursMax}");
        }

        return work.Refuse(id, request.Reason, user) ?? Answer(
            work.Changes.Rotate(id, TimeSpan.FromHours(hours), work.Note(user, request.Reason)),
            work,
            issued => Results.Ok(new SecretView(issued.DeviceId, issued.Secret, issued.PreviousUntil)));
    }

    private static IResult SetDisabled(string id, bool disabled, ReasonRequest request, Work work, ClaimsPrincipal user) =>
        work.Refuse(id, request.Reason, user) ?? Answer(
            work.Changes.SetDisabled(id, disabled, work.Note(user, request.Reason)),
            work,
            _ => Results.Ok(DeviceEndpoints.InfoOf(work.Registry.Current.Devices[id], work.Presence, work.Live)));

    private static IResult CreateClaimCode(string id, ClaimCodeRequest request, Work work, ClaimsPrincipal user, HttpRequest http)
    {
        var hours = request.Hours ?? ClaimCodeHoursDefault;
        if (hours is < 1 or > Limits.ClaimCodeHoursMax)
        {
            return Problems.Invalid($"'hours' must be 1–{Limits.ClaimCodeHoursMax}");
        }

        return work.Refuse(id, request.Reason, user, isReasonRequired: false) ?? Answer(
            work.Changes.CreateClaimCode(id, TimeSpan.FromHours(hours), work.Note(user, request.Reason)),
            work,
            issued =>
            {
                // Behind '#', so that the code is in no proxy's log.
                var url = $"{PublicAddress.Of(work.Options, http)}/provision.html#{issued.Code}";
                return Results.Created((string?)null, new ClaimCodeView(id, issued.Code, url, issued.ExpiresAt, QrOf(url)));
            });
    }

    private static IResult Answer<T>(Outcome<T> outcome, Work work, Func<T, IResult> success)
        where T : class
    {
        work.TakeEffect();
        return outcome.Value is { } value ? success(value) : Problems.Invalid([.. outcome.Errors]);
    }

    private static IResult? CheckReason(string? reason, bool isRequired) =>
        (isRequired && string.IsNullOrWhiteSpace(reason)) || reason is { Length: > Limits.NoteCharsMax }
            ? Problems.Invalid($"'reason' must say why, in 1–{Limits.NoteCharsMax} characters")
            : null;

    private static string QrOf(string url)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(url, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(data);
        return svg.GetGraphic(QrPixelsPerModule);
    }

    /// <summary>What every one of these needs.</summary>
    internal sealed record Work(RegistryView Registry, AlarmScope Scope, DeviceChanges Changes, LiveConnections Live, PresenceBook Presence, HubOptions Options, TimeProvider Time)
    {
        public ChangeNote Note(ClaimsPrincipal user, string? reason) => new(Caller.Of(user).Author, Time.HubNow(), reason);

        public IResult? Refuse(string id, string? reason, ClaimsPrincipal user, bool isReasonRequired = true) =>
            DeviceEndpoints.Find(id, user, Registry, Scope) is null ? Problems.NotFound($"Device {id}") : CheckReason(reason, isReasonRequired);

        /// <summary>The hub works with the change from now on, and who may no longer be connected is not.</summary>
        public void TakeEffect()
        {
            Registry.Reload();
            Live.EndUnwelcome();
        }
    }
}
