using System.Globalization;
using CareHub.Core.Alarms;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>Shelves and maintenance as the timeline tells of them: who began them, what they may cover, and that they end.</summary>
internal sealed class SilenceAudit
{
    private readonly Dictionary<string, Standing> _standing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Standing Test, DateTimeOffset? EndedAt)> _walkTests = new(StringComparer.Ordinal);

    /// <param name="Word">shelf, walk_test or out_of_service.</param>
    /// <param name="Scope">Device, kind, both joined by +, or site.</param>
    private sealed record Standing(string Id, string SiteId, string Word, string Scope, DateTimeOffset Until);

    public void Apply(StoredEntry entry)
    {
        var expected = entry.Event is AlarmEvent.Shelved or AlarmEvent.MaintenanceBegun ? 1 : 2;
        Require(entry.Seq == expected, Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} {entry.Event} is number {entry.Seq}");
        if (expected == 2)
        {
            Require(_standing.Remove(entry.AlarmId), Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} ended and had not begun");
            if (_walkTests.TryGetValue(entry.AlarmId, out var walkTest))
            {
                _walkTests[entry.AlarmId] = walkTest with { EndedAt = entry.At };
            }

            return;
        }

        Require(entry.AuthorKind == AuthorKind.User && !string.IsNullOrWhiteSpace(entry.Note), Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} has no person behind it, or no reason");
        var parts = entry.Reason.Split(':', 4);
        var until = DateTimeOffset.Parse(parts[3], CultureInfo.InvariantCulture);
        Require(_standing.TryAdd(entry.AlarmId, new(entry.AlarmId, entry.SiteId, parts[0], parts[1], until)), Promise.EveryChangeHasAnAuthor, $"{entry.AlarmId} began twice");
        if (parts[0] == "walk_test")
        {
            _walkTests.Add(entry.AlarmId, (_standing[entry.AlarmId], null));
        }

        Require(parts[0] != "shelf" || until - entry.At <= DesignTable.ShelfMax, Promise.EverythingHasABound, $"{entry.AlarmId} is to last {until - entry.At}");
        Require(parts[0] == "walk_test" || parts[1] != "site", Promise.NothingHidesACriticalAlarm, $"{entry.AlarmId} covers everything");
        var atSite = _standing.Values.Count(each => each.SiteId == entry.SiteId && (each.Word == "shelf") == (parts[0] == "shelf"));
        Require(atSite <= DesignTable.SilencesPerSiteMax, Promise.EverythingHasABound, $"{entry.SiteId} has {atSite} silences");
    }

    /// <summary>Whether the silence stands and is of this word and for this device.</summary>
    public bool Stands(string id, string word, string deviceId, string kindWord) =>
        _standing.TryGetValue(id, out var silence) && silence.Word == word
        && silence.Scope.Split('+').All(part => part == deviceId || part == kindWord);

    /// <summary>Whether a person had announced that the device would be set off; a round takes its moment a little after the signal came.</summary>
    public bool WasWalkTest(string siteId, string deviceId, DateTimeOffset at) => _walkTests.Values.Any(each =>
        each.Test.SiteId == siteId && (each.Test.Scope == "site" || each.Test.Scope == deviceId) && (each.EndedAt is null || each.EndedAt >= at));

    public void Tick(DateTimeOffset now, DateTimeOffset healthySince, TimeSpan grace)
    {
        foreach (var silence in _standing.Values)
        {
            var due = silence.Until > healthySince ? silence.Until : healthySince;
            Require(now <= due + grace, Promise.SilencesEndOnTime, $"{silence.Id} should have ended at {silence.Until:HH:mm:ss.fff} and it is {now:HH:mm:ss.fff}");
        }
    }

    private static void Require(bool holds, Promise promise, string what)
    {
        if (!holds)
        {
            throw new BrokenPromise(promise, what);
        }
    }
}
