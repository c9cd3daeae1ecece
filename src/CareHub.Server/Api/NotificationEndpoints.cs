using System.Security.Claims;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Server.Notifications;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;

namespace CareHub.Server.Api;

/// <summary>Who was told of an alarm away from the consoles, and how far each notification has come.</summary>
internal static class NotificationEndpoints
{
    /// <param name="Recipient">Its name and its address, masked.</param>
    internal sealed record NotificationView(
        string Key, NotifyChannel Channel, EscalationTarget Target, string Recipient, string Address, NoticeKind Kind, NotificationState State, DateTimeOffset At, int Attempts,
        DateTimeOffset? NextAt, string? LastError, string? Answer, DateTimeOffset? DoneAt);

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/notifications", OfAlarmAsync).RequireAuthorization(SecuritySetup.SupervisorPolicy).Produces<IReadOnlyList<NotificationView>>();

    private static async Task<IResult> OfAlarmAsync(string alarm, ClaimsPrincipal user, AlarmScope scope, OutboxStore outbox) =>
        scope.SiteOf(Caller.Of(user), alarm) is null
            ? Problems.NotFound($"Alarm {alarm}")
            : Results.Ok((await outbox.OfAlarmAsync(alarm)).Select(ViewOf).ToList());

    private static NotificationView ViewOf(OutboxRow row) => new(
        row.Key, row.Channel, row.Target, row.Recipient, AddressBook.Mask(new Recipient(row.Channel, row.Recipient, row.Address)), row.Kind, row.State, UnixMs.ToTime(row.CreatedAt), row.Attempts,
        row.State == NotificationState.Waiting ? UnixMs.ToTime(row.NextAt) : null, row.LastError, row.Answer, UnixMs.ToTime(row.DoneAt));
}
