using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>
/// Sees what crosses the hub's boundaries, and knows the design and nothing of the hub's code: what devices said and were
/// told, what an outsider reads in the store, what consoles were shown, what people asked for, and the time.
/// </summary>
internal sealed class Auditor
{
    /// <summary>The hub's retry after a failed commit is a second; a round takes less than a fifth of one.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>A console that has lost a change learns of it by a heartbeat, and asks.</summary>
    private static readonly TimeSpan NewsMax = TimeSpan.FromSeconds(8);

    private readonly Clock _clock;
    private readonly PeopleAudit _people;
    private readonly DeviceAudit _devices;
    private readonly StoreAudit _store;
    private DateTimeOffset? _upSince;
    private DateTimeOffset _healthySince;

    public Auditor(Clock clock, IStoreReader store, IReadOnlyList<Place> places, IReadOnlyList<Thing> things, IReadOnlyList<Person> people)
    {
        _clock = clock;
        _people = new PeopleAudit(clock, places, people);
        _devices = new DeviceAudit(clock);
        _store = new StoreAudit(clock, store, things, _people, _devices);
    }

    public void Said(Said said) => _devices.Said(said);

    public void Delivered(string deviceId, string id) => _devices.Delivered(deviceId, id);

    public void Refused(string deviceId, string id) => _devices.Refused(deviceId, id);

    public void Acknowledged(string deviceId, string id) => _devices.Acknowledged(deviceId, id);

    public void Heard(string deviceId) => _devices.Heard(deviceId);

    public void Asked(string user, string command, string subject, int version) => _people.Asked(user, command, subject, version);

    public void Answered(string user, string alarmId, int version) =>
        Require(_store.VersionOf(alarmId) >= version, Promise.AcknowledgedMeansDurable, $"{user} was told of version {version} of {alarmId}, and the store has {_store.VersionOf(alarmId)}");

    public void Shown(string user, string regionId, string siteId) => _people.Shown(user, regionId, siteId);

    public void DeskTaken(string user, string regionId) => _people.DeskTaken(user, regionId);

    public void DeskLeft(string user) => _people.DeskLeft(user);

    public void BatchTaken(int count) => Require(count <= DesignTable.BatchMax, Promise.EverythingHasABound, $"a round of {count} at {_clock.Now:HH:mm:ss.fff}");

    public void Read(int deltas) => Require(deltas <= DesignTable.RingMax, Promise.EverythingHasABound, $"{deltas} changes at once for a console at {_clock.Now:HH:mm:ss.fff}");

    public void CommitFailed() => _healthySince = _clock.Now;

    public void Committed() => _store.Read();

    public void HubUp()
    {
        (_upSince, _healthySince) = (_clock.Now, _clock.Now);
        _store.ReadAnew();
    }

    public void HubDown()
    {
        _upSince = null;
        _devices.HubDown();
        _people.HubDown();
    }

    /// <summary>Time has passed: what was due?</summary>
    public void Tick()
    {
        if (_upSince is null)
        {
            return;
        }

        foreach (var alarm in _store.Open)
        {
            DeadlineAudit.Check(alarm, _clock.Now, _healthySince, Grace, _people.EmptySince(alarm.SiteId));
        }

        _store.Silences.Tick(_clock.Now, _healthySince, Grace);
        _devices.CheckDelivered(_healthySince);
        _devices.CheckSilent(_healthySince, Grace, _store);
        _store.CheckAway(_healthySince, Grace);
        _store.CheckCauses(_healthySince, Grace);
    }

    /// <summary>All is quiet: the console must show what the store holds.</summary>
    public void Settled(string user, string regionId, IReadOnlyList<(string Id, int Version)> shown, int total)
    {
        var stored = _store.Rows.Where(row => _people.Covers(regionId, row.SiteId)).Select(row => (row.Id, row.Version)).ToList();
        var missing = stored.Except(shown).Select(each => (each.Id, Text: $"−{each.Id}v{each.Version}")).Concat(shown.Except(stored).Select(each => (each.Id, Text: $"+{each.Id}v{each.Version}")))
            .Where(each => !_store.HasJustChanged(each.Id, NewsMax)).Select(each => each.Text).ToList();
        Require(missing.Count == 0, Promise.ConsolesConverge, $"{user}'s console differs from the store: {string.Join(' ', missing)}");
        Require(total == stored.Count, Promise.ConsolesConverge, $"{user}'s console is told of {total} open alarms, and the store has {stored.Count}");
    }

    /// <param name="connected">Devices that were there to the end.</param>
    public void End(IReadOnlyList<string> connected)
    {
        _store.ReadAnew();
        _devices.End();
        foreach (var alarm in _store.Open.Where(alarm => alarm is { Kind: SignalKind.Offline, IsActive: true } && connected.Contains(alarm.DeviceId)))
        {
            throw new BrokenPromise(Promise.SilenceIsAnAlarm, $"{alarm.DeviceId} has been heard, and {alarm.Id} still says that it is away");
        }
    }

    internal static void Require(bool holds, Promise promise, string what)
    {
        if (!holds)
        {
            throw new BrokenPromise(promise, what);
        }
    }
}
