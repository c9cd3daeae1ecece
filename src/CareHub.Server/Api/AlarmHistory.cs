using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Server.Presence;
using CareHub.Server.Push;
using CareHub.Server.Security;
using CareHub.Storage;
using CareHub.Storage.Alarms;
using CareHub.Storage.Registry;
using CareHub.Core.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Api;

internal sealed record AlarmPage(IReadOnlyList<AlarmView> Items, string? Next);

internal sealed record ContactView(string Name, string Relation, string Phone);

internal sealed record ResidentCard(
    string? Phone, string? CareLevel, bool LivesAlone, IReadOnlyList<string> RiskFlags, string? MedicalNotes, string? Allergies,
    string? Medication, string? KeySafe, IReadOnlyList<ContactView> Contacts);

internal sealed record SiteCard(string? Address, string? Phone, string? AccessNotes);

internal sealed record DeviceCard(string? Model, DateTimeOffset? LastHeardAt, bool Online, double? Battery, DateTimeOffset? BatteryAt);

internal sealed record TimelineView(int Seq, DateTimeOffset At, AlarmEvent Event, AuthorView Author, string Reason, string? Note);

internal sealed record RecentAlarm(string Id, SignalKind Kind, Priority Priority, DateTimeOffset RaisedAt, DateTimeOffset? ClosedAt, Disposition? Disposition);

/// <summary>Open alarms that this one explains: silent devices in an outage, or behind a gateway that is away.</summary>
/// <param name="Items">The latest of them.</param>
internal sealed record ExplainedAlarms(int Count, IReadOnlyList<ExplainedAlarm> Items);

internal sealed record ExplainedAlarm(string Id, SignalKind Kind, string Device, string? Place, string Site, DateTimeOffset RaisedAt);

/// <summary>An alarm with all that a person needs to act on it.</summary>
[method: SetsRequiredMembers]
internal sealed record AlarmDetail(
    AlarmView Alarm, ResidentCard? ResidentCard, SiteCard SiteCard, DeviceCard DeviceCard, IReadOnlyList<TimelineView> Timeline, IReadOnlyList<RecentAlarm> Recent, ExplainedAlarms Explains)
    : AlarmView(Alarm)
{
    /// <summary>Its fields stand beside the cards, not inside a field of their own.</summary>
    [JsonIgnore]
    public AlarmView Alarm { get; } = Alarm;
}

/// <summary>Position in the list of alarms: newest first, ids break ties.</summary>
internal sealed record AlarmCursor(long RaisedAt, string Id)
{
    public static bool TryParse(string? text, out AlarmCursor? cursor)
    {
        cursor = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var dash = text.IndexOf('-');
        if (dash <= 0 || !long.TryParse(text[..dash], out var at))
        {
            return false;
        }

        cursor = new AlarmCursor(at, text[(dash + 1)..]);
        return true;
    }

    public override string ToString() => $"{RaisedAt}-{Id}";
}

/// <summary>Alarms read from the database, within the caller's scope.</summary>
internal sealed class AlarmHistory(IDbContextFactory<AlarmsContext> alarms, IDbContextFactory<RegistryContext> registry, AlarmScope scope, AlarmViews views, LiveQueue queue, PresenceBook presence, ITelemetryStore telemetry, AccessLog access)
{
    private const int RecentCount = 5;
    private const int ExplainedCount = 50;

    public async Task<AlarmPage> PageAsync(Caller caller, bool open, int limit, AlarmCursor? before)
    {
        await using var context = await alarms.CreateDbContextAsync();
        var query = context.Alarms.AsNoTracking().Where(alarm => open ? alarm.ClosedAt == null : alarm.ClosedAt != null);
        if (before is not null)
        {
            query = query.Where(alarm => alarm.RaisedAt < before.RaisedAt || (alarm.RaisedAt == before.RaisedAt && string.Compare(alarm.Id, before.Id) < 0));
        }

        // The scope is checked here, at the data, and not by the size of a list of sites in SQL.
        var items = new List<AlarmView>();
        AlarmRow? last = null;
        await foreach (var row in query.OrderByDescending(alarm => alarm.RaisedAt).ThenByDescending(alarm => alarm.Id).AsAsyncEnumerable())
        {
            if (!scope.Covers(caller, row.SiteId))
            {
                continue;
            }

            if (items.Count == limit)
            {
                return new AlarmPage(items, new AlarmCursor(last!.RaisedAt, last.Id).ToString());
            }

            items.Add(views.Of(row.ToAlarm()));
            last = row;
        }

        return new AlarmPage(items, null);
    }

    public async Task<Alarm?> FindAsync(Caller caller, string alarmId)
    {
        if (scope.SiteOf(caller, alarmId) is null)
        {
            return null;
        }

        await using var context = await alarms.CreateDbContextAsync();
        return (await context.Alarms.AsNoTracking().FirstOrDefaultAsync(row => row.Id == alarmId))?.ToAlarm();
    }

    public async Task<AlarmDetail?> DetailAsync(Caller caller, string alarmId)
    {
        if (await FindAsync(caller, alarmId) is not { } alarm)
        {
            return null;
        }

        await using var context = await alarms.CreateDbContextAsync();
        var timeline = await context.TimelineOf(alarmId).AsNoTracking().OrderBy(row => row.Seq).ToListAsync();
        var recent = await RecentAsync(context, alarm);
        await access.CardAsync(caller, alarm);

        await using var people = await registry.CreateDbContextAsync();
        return new AlarmDetail(
            views.Of(alarm),
            alarm.ResidentId is null ? null : await ResidentCardAsync(people, alarm.ResidentId),
            await SiteCardAsync(people, alarm.SiteId),
            await DeviceCardAsync(people, alarm.DeviceId),
            [.. timeline.Select(ViewOf)],
            recent,
            ExplainedBy(caller, alarm));
    }

    private ExplainedAlarms ExplainedBy(Caller caller, Alarm alarm)
    {
        var (count, alarms) = queue.ExplainedBy(alarm.Id, siteId => scope.Covers(caller, siteId), ExplainedCount);
        return new(count, [.. alarms.Select(each => new ExplainedAlarm(each.Id, each.Kind, each.Device.Name ?? each.Device.Id, each.Place, each.Site.Name, each.RaisedAt))]);
    }

    private static async Task<List<RecentAlarm>> RecentAsync(AlarmsContext context, Alarm alarm)
    {
        var rows = context.Alarms.AsNoTracking().Where(row => row.Id != alarm.Id);
        rows = alarm.ResidentId is { } residentId ? rows.Where(row => row.ResidentId == residentId) : rows.Where(row => row.SiteId == alarm.SiteId);
        var recent = await rows.OrderByDescending(row => row.RaisedAt).Take(RecentCount).ToListAsync();
        return [.. recent.Select(row => new RecentAlarm(row.Id, row.Kind, row.Priority, UnixMs.ToTime(row.RaisedAt), UnixMs.ToTime(row.ClosedAt), row.Disposition))];
    }

    private static async Task<ResidentCard?> ResidentCardAsync(RegistryContext people, string residentId)
    {
        var row = await people.Residents.AsNoTracking().Include(resident => resident.Contacts).FirstOrDefaultAsync(resident => resident.Id == residentId);
        return row is null ? null : new ResidentCard(
            row.Phone, row.CareLevel, row.LivesAlone, row.RiskFlags.Split(' ', StringSplitOptions.RemoveEmptyEntries), row.MedicalNotes, row.Allergies,
            row.Medication, row.KeySafe, [.. row.Contacts.OrderBy(contact => contact.Position).Select(contact => new ContactView(contact.Name, contact.Relation, contact.Phone))]);
    }

    private static async Task<SiteCard> SiteCardAsync(RegistryContext people, string siteId)
    {
        var row = await people.Sites.AsNoTracking().FirstOrDefaultAsync(site => site.Id == siteId);
        return new SiteCard(row?.Address, row?.Phone, row?.AccessNotes);
    }

    private async Task<DeviceCard> DeviceCardAsync(RegistryContext people, string deviceId)
    {
        var model = await people.Devices.AsNoTracking().Where(device => device.Id == deviceId).Select(device => device.Model).FirstOrDefaultAsync();
        var seen = presence.Find(deviceId);
        var battery = (await telemetry.LatestAsync(deviceId, CancellationToken.None)).Where(reading => reading.Name == ReadingNames.Battery).Select(reading => (Reading?)reading).FirstOrDefault();
        return new DeviceCard(model, seen is { LastHeardMs: > 0 } ? UnixMs.ToTime(seen.LastHeardMs) : null, seen is { LastHeardMs: > 0, IsOffline: false }, battery?.Value, battery?.At);
    }

    private TimelineView ViewOf(TimelineRow row) =>
        new(row.Seq, UnixMs.ToTime(row.At), row.Event, views.Of(new Author(row.AuthorKind, row.AuthorId, row.AuthorName)), row.Reason, row.Note);
}
