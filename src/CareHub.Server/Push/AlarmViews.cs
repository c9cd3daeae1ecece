using CareHub.Core.Alarms;
using CareHub.Core.Health;
using CareHub.Server.Security;
using CareHub.Storage.Registry;

namespace CareHub.Server.Push;

/// <summary>Joins an alarm with what the registry knows of its device, place and person.</summary>
internal sealed class AlarmViews(RegistryView registry, TimeProvider time)
{
    /// <summary>Stands in for a site that left the registry while its alarms remain: whoever sees everything sees it.</summary>
    private static readonly RegionView LostRegion = new(RegistryStore.RootRegionId, RegistryStore.RootRegionId, [RegistryStore.RootRegionId]);

    public AlarmView Of(Alarm alarm)
    {
        var snapshot = registry.Current;
        var site = snapshot.Sites.GetValueOrDefault(alarm.SiteId);
        var device = snapshot.Devices.GetValueOrDefault(alarm.DeviceId);
        var resident = alarm.ResidentId is null ? null : snapshot.Residents.GetValueOrDefault(alarm.ResidentId);
        return new AlarmView
        {
            Id = alarm.Id,
            Version = alarm.Version,
            Kind = alarm.Kind,
            Priority = alarm.Priority,
            State = alarm.State,
            Active = alarm.Active,
            Acknowledged = alarm.Acknowledged,
            RaisedAt = alarm.RaisedAt,
            OccurredAt = alarm.OccurredAt,
            LastSignalAt = alarm.LastSignalAt,
            AnnunciatedAt = alarm.EscalatedAt ?? alarm.AnnunciatedAt,
            Escalation = alarm is { EscalatedAt: { } escalatedAt, EscalatedTo: { } to } ? new(alarm.Tier, to, escalatedAt) : null,
            Stage = alarm.Stage,
            AssignedTo = alarm.AssignedTo,
            Reminded = alarm.Reminded,
            IncidentId = alarm.IncidentId,
            Incident = alarm.Incident,
            Suppression = alarm.Suppression is { } suppression ? new(suppression.Kind, suppression.Cause, suppression.Until) : null,
            Chattering = alarm.Chattering,
            VerifyUntil = alarm.VerifyUntil,
            Count = alarm.Count,
            Device = alarm.SiteId == HubSite.Id
                ? new(alarm.DeviceId, HubSite.PartKind, HubSite.NameOf(alarm.DeviceId))
                : RegionSite.IsId(alarm.SiteId) ? new(alarm.DeviceId, RegionSite.Kind, site?.Name)
                : new(alarm.DeviceId, device?.Facts.Kind ?? "", device?.Name),
            Site = new(alarm.SiteId, site?.Kind ?? "", site?.Name ?? alarm.SiteId, site?.Address),
            Region = site is null ? LostRegion : new(site.Region.Id, site.Region.Name, site.Region.Path),
            Place = device?.Place ?? (HealthFinding.AboutOf(alarm.Zone) is null ? alarm.Zone : null),
            About = HealthFinding.AboutOf(alarm.Zone),
            Resident = resident is null ? null : new(resident.Id, resident.Name, AgeOf(resident), resident.Sex),
            AcknowledgedBy = alarm.AcknowledgedBy,
            ClaimedBy = alarm.ClaimedBy,
            FirstSeenBy = alarm.FirstSeenBy,
            ClosedAt = alarm.ClosedAt,
            Disposition = alarm.Disposition,
            ClosedBy = alarm.ClosedBy is { } author ? Of(author) : null,
        };
    }

    /// <summary>Whether a desk of this region sees it.</summary>
    public bool Concerns(AlarmView alarm, string regionId) => alarm.Region.Path.Contains(regionId) || AlarmScope.IsAbove(registry.Current, alarm.Site.Id, regionId);

    /// <summary>A device is stored by its id and shown by its name.</summary>
    public AuthorView Of(Author author) =>
        new(author.Kind, author.Id, author.Kind == AuthorKind.Device ? registry.Current.Devices.GetValueOrDefault(author.Id)?.Name ?? author.Name : author.Name);

    private int? AgeOf(ResidentEntry resident)
    {
        if (resident.BirthDate is not { } birth)
        {
            return null;
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return today.Year - birth.Year - (today < birth.AddYears(today.Year - birth.Year) ? 1 : 0);
    }
}
