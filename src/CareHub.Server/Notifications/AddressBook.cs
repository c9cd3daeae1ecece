using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Escalation;
using CareHub.Core.Notifications;
using CareHub.Server.Configuration;
using CareHub.Storage.Registry;

namespace CareHub.Server.Notifications;

/// <summary>
/// Whom an escalation reaches: those configured for the alarm's region or one above it who are on duty, and the resident's own
/// contacts. A rota with a hole in it must not mean that nobody is told: where none is on duty, all are told.
/// </summary>
internal sealed partial class AddressBook
{
    public const string ContactPrefix = "contact-";

    private readonly RegistryView _registry;
    private readonly NotifyOptions _options;
    private readonly TimeZoneInfo _zone;
    private readonly Dictionary<NotifyOptions.RecipientOptions, DutyHours> _duties;

    public AddressBook(HubOptions options, RegistryView registry, ILogger<AddressBook> log)
    {
        (_registry, _options, _zone) = (registry, options.Notify, TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone));
        _duties = _options.Recipients.ToDictionary(recipient => recipient, recipient => recipient.Duty);
        foreach (var recipient in _options.Recipients.Where(recipient => !registry.Current.Regions.ContainsKey(recipient.Region)))
        {
            LogUnknownRegion(log, recipient.Name, recipient.Region);
        }
    }

    public ImmutableArray<Recipient> For(Alarm alarm, EscalationTarget target)
    {
        var snapshot = _registry.Current;
        var path = snapshot.Sites.GetValueOrDefault(alarm.SiteId)?.Region.Path ?? [RegistryStore.RootRegionId];
        var routes = _options.Recipients.Where(route => route.Whom == target && path.Contains(route.Region, StringComparer.Ordinal)).ToList();
        var local = TimeZoneInfo.ConvertTime(alarm.EscalatedAt ?? alarm.RaisedAt, _zone).DateTime;
        if (routes.Exists(route => _duties[route].Covers(local)))
        {
            routes.RemoveAll(route => !_duties[route].Covers(local));
        }

        var resident = alarm.ResidentId is { } residentId ? snapshot.Residents.GetValueOrDefault(residentId) : null;
        return [.. routes
            .SelectMany(route => route.IsResidentsContacts ? ContactsOf(resident) : [new Recipient(route.Means, route.Name, route.To)])
            .DistinctBy(recipient => (recipient.Channel, recipient.Id))
            .Take(Limits.NotifyRecipientsMax)];
    }

    private static IEnumerable<Recipient> ContactsOf(ResidentEntry? resident) =>
        resident?.Contacts.Where(contact => NotifyOptions.IsTelephone(contact.Phone)).Select(contact => new Recipient(NotifyChannel.Sms, $"{ContactPrefix}{contact.Id}", contact.Phone)) ?? [];

    /// <summary>What may be shown of a recipient: enough to tell two apart, too little to reach them.</summary>
    public static string Mask(Recipient recipient)
    {
        const int Shown = 4;
        var address = recipient.Address;
        return recipient.Channel switch
        {
            NotifyChannel.Email => $"{address[..1]}***{address[address.LastIndexOf('@')..]}",
            NotifyChannel.Sms => $"***{(address.Length > Shown ? address[^Shown..] : "")}",
            _ => recipient.Id,
        };
    }

    [LoggerMessage(2107, LogLevel.Warning, "Notifications: the region {Region} of recipient {Recipient} is not registered; nobody is told for it")]
    private static partial void LogUnknownRegion(ILogger log, string recipient, string region);
}
