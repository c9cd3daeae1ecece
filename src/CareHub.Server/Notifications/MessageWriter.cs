using System.Globalization;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Server.Configuration;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;

namespace CareHub.Server.Notifications;

/// <summary>
/// What a notification says: kind, place and time, and for those who can sign in the way to the alarm. Where a channel may
/// not carry personal data there is no name, no room, and in place of a home the region it is in.
/// </summary>
internal sealed class MessageWriter(HubOptions options, RegistryView registry)
{
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
    private readonly NoticeTexts _texts = NoticeTexts.In(options.Notify.Language);

    public Message Write(OutboxRow row, Alarm alarm, bool personal)
    {
        var snapshot = registry.Current;
        var site = snapshot.Sites.GetValueOrDefault(alarm.SiteId);
        var device = snapshot.Devices.GetValueOrDefault(alarm.DeviceId);
        var person = personal && alarm.ResidentId is { } residentId ? snapshot.Residents.GetValueOrDefault(residentId)?.Name : null;
        var place = PlaceOf(alarm, site, device, personal);
        var kind = _texts.Kinds[alarm.Kind];
        var time = TimeZoneInfo.ConvertTime(alarm.OccurredAt, _zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var url = row.Target == EscalationTarget.Contacts || options.PublicUrl is not { } root ? null : $"{root.TrimEnd('/')}/#alarm/{Uri.EscapeDataString(alarm.Id)}";
        var subject = row.Kind == NoticeKind.AllClear ? _texts.AllClearSubject : _texts.EscalatedSubject;
        var text = string.Format(
            CultureInfo.InvariantCulture,
            row.Kind == NoticeKind.AllClear ? _texts.AllClear : row.Target == EscalationTarget.Contacts ? _texts.ToContacts : _texts.ToSupervisor,
            kind,
            person is null ? place : $"{person}, {place}",
            time);
        return new Message(
            row.Key, new Recipient(row.Channel, row.Recipient, row.Address), row.Kind, row.Target, alarm.Id, row.Version, UnixMs.ToTime(row.CreatedAt), alarm.Kind, alarm.Priority,
            alarm.OccurredAt, alarm.SiteId, site?.Region.Id ?? RegistryStore.RootRegionId, place, person, string.Format(CultureInfo.InvariantCulture, subject, kind), url is null ? text : $"{text} {url}", url);
    }

    private static string PlaceOf(Alarm alarm, SiteEntry? site, DeviceEntry? device, bool personal)
    {
        if (alarm.SiteId == HubSite.Id)
        {
            return HubSite.NameOf(alarm.DeviceId);
        }

        if (site is null)
        {
            return alarm.SiteId;
        }

        const string Home = "home";
        return !personal ? (site.Kind == Home ? site.Region.Name : site.Name)
            : device?.Place is { } room ? $"{site.Name}, {room}"
            : site.Name;
    }
}
