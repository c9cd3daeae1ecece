using CareHub.Core.Alarms;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>Promise 7, and that a person's entry is something that person asked for, of a version that covers no more than was seen.</summary>
internal sealed class PeopleAudit(Clock clock, IReadOnlyList<Place> places, IReadOnlyList<Person> people)
{
    private static readonly Dictionary<AlarmEvent, string[]> CommandsOf = new()
    {
        [AlarmEvent.Seen] = ["Seen"],
        [AlarmEvent.Acknowledged] = ["Acknowledge", "Dispatch"],
        [AlarmEvent.Claimed] = ["Claim"],
        [AlarmEvent.TakenOver] = ["TakeOver"],
        [AlarmEvent.Released] = ["Release"],
        [AlarmEvent.HandedOver] = ["HandOver"],
        [AlarmEvent.Dispatched] = ["Dispatch"],
        [AlarmEvent.Accepted] = ["Progress"],
        [AlarmEvent.EnRoute] = ["Progress"],
        [AlarmEvent.OnScene] = ["Progress"],
        [AlarmEvent.Note] = ["AddNote"],
        [AlarmEvent.Silenced] = ["Silence"],
        [AlarmEvent.Resolved] = ["Resolve"],
        [AlarmEvent.Shelved] = ["Shelve"],
        [AlarmEvent.Suppressed] = ["Shelve"],
        [AlarmEvent.Unshelved] = ["Unshelve"],
        [AlarmEvent.MaintenanceBegun] = ["BeginMaintenance"],
        [AlarmEvent.MaintenanceEnded] = ["EndMaintenance"],
        [AlarmEvent.Unsuppressed] = ["Unshelve", "EndMaintenance"],
    };

    private readonly Dictionary<(string User, string Command, string Subject), int> _asked = [];
    private readonly Dictionary<string, string> _desks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _emptySince = places.ToDictionary(place => place.SiteId, _ => clock.Now, StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _unstaffedAt = places.ToDictionary(place => place.SiteId, _ => clock.Now, StringComparer.Ordinal);

    public bool Covers(string regionId, string siteId) => places.Any(place => place.SiteId == siteId && place.RegionPath.Contains(regionId));

    public void Asked(string user, string command, string subject, int version)
    {
        var key = (user, command, subject);
        _asked[key] = Math.Max(version, _asked.GetValueOrDefault(key));
    }

    public void Shown(string user, string regionId, string siteId) =>
        Auditor.Require(Covers(regionId, siteId), Promise.NobodySeesOutsideTheirRegion, $"{user} of {regionId} was shown an alarm of {siteId}");

    public void DeskTaken(string user, string regionId)
    {
        NoteUnstaffed();
        _desks[user] = regionId;
        foreach (var place in places.Where(place => place.RegionPath.Contains(regionId)))
        {
            _emptySince.Remove(place.SiteId);
        }
    }

    public void DeskLeft(string user)
    {
        NoteUnstaffed();
        _desks.Remove(user);
        NoteUnstaffed();
    }

    public void HubDown()
    {
        _desks.Clear();
        NoteUnstaffed();
    }

    /// <summary>Since when no console has covered the site; null while one does.</summary>
    public DateTimeOffset? EmptySince(string siteId) => _emptySince.TryGetValue(siteId, out var at) ? at : null;

    /// <summary>Whether there was a moment of late in which no console covered the site.</summary>
    public bool WasUnstaffed(string siteId)
    {
        NoteUnstaffed();
        return clock.Now - _unstaffedAt[siteId] < TimeSpan.FromSeconds(10);
    }

    /// <summary>An entry that names a person: one who asked for it, and may.</summary>
    public void Check(StoredEntry entry, AuditedAlarm? alarm)
    {
        var person = people.FirstOrDefault(each => each.User == entry.AuthorId);
        Auditor.Require(person is not null, Promise.EveryChangeHasAnAuthor, $"{entry.AuthorId} is nobody ({entry.AlarmId} {entry.Event})");
        Auditor.Require(Covers(person!.RegionId, entry.SiteId), Promise.NobodySeesOutsideTheirRegion, $"{person.User} of {person.RegionId} touched {entry.AlarmId} ({entry.Event})");
        var commands = CommandsOf.GetValueOrDefault(entry.Event, []);
        var versions = commands.SelectMany(command => new[] { (person.User, command, entry.AlarmId), (person.User, command, entry.SiteId) })
            .Where(_asked.ContainsKey).Select(key => _asked[key]).ToList();
        Auditor.Require(versions.Count > 0, Promise.EveryChangeHasAnAuthor, $"{person.User} never asked for {entry.Event} of {entry.AlarmId}");
        if (alarm is null)
        {
            return;
        }

        var covered = entry.Event switch
        {
            AlarmEvent.Acknowledged => alarm.AnnunciatedSeq,
            AlarmEvent.Resolved => alarm.CalledSeq,
            _ => 0,
        };
        Auditor.Require(versions.Max() >= covered, Promise.AnAcknowledgementCoversOnlyWhatWasSeen, $"{person.User} had seen version {versions.Max()} of {entry.AlarmId}, and {entry.Event} covers {covered}");
    }

    private void NoteUnstaffed()
    {
        foreach (var place in places.Where(place => !_desks.Values.Any(place.RegionPath.Contains)))
        {
            _unstaffedAt[place.SiteId] = clock.Now;
            _emptySince.TryAdd(place.SiteId, clock.Now);
        }
    }
}
