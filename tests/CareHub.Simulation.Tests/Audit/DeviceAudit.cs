using CareHub.Core.Signals;
using CareHub.Simulation.Tests.World;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>Promises 1, 2 and 5, from the devices' side.</summary>
internal sealed class DeviceAudit(Clock clock)
{
    /// <summary>A signal that was taken in is answered, or its connection broken, within this.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    /// <summary>The sweep comes every five seconds; what it has saved may be as old.</summary>
    private static readonly TimeSpan SweepMax = TimeSpan.FromSeconds(11);

    private readonly Dictionary<(string DeviceId, string Id), Said> _said = [];
    private readonly HashSet<(string DeviceId, string Id)> _stored = [];
    private readonly HashSet<(string DeviceId, string Id)> _acknowledged = [];
    private readonly Dictionary<(string DeviceId, string Id), DateTimeOffset> _delivered = [];
    private readonly SortedDictionary<string, DateTimeOffset> _heard = new(StringComparer.Ordinal);

    public void Said(Said said) => _said.Add((said.DeviceId, said.Id), said);

    public void Delivered(string deviceId, string id) => _delivered.TryAdd((deviceId, id), clock.Now);

    public void Refused(string deviceId, string id) => _delivered.Remove((deviceId, id));

    public void Heard(string deviceId) => _heard[deviceId] = clock.Now;

    public void HubDown() => _delivered.Clear();

    public void Acknowledged(string deviceId, string id)
    {
        _delivered.Remove((deviceId, id));
        _acknowledged.Add((deviceId, id));
        Auditor.Require(_stored.Contains((deviceId, id)), Promise.AcknowledgedMeansDurable, $"{id} was acknowledged and is not in the store");
    }

    /// <summary>A signal that the store has; what the device said in it, unless the hub made it.</summary>
    public Said? Stored(StoredSignal signal)
    {
        var key = (signal.DeviceId, signal.SignalId);
        Auditor.Require(_stored.Add(key), Promise.AcknowledgedMeansDurable, $"{signal.SignalId} is in the store twice");
        if (signal.SignalId.StartsWith('~'))
        {
            return null;
        }

        var said = _said.GetValueOrDefault(key);
        Auditor.Require(said is not null && said.Kind == signal.Kind, Promise.EveryChangeHasAnAuthor, $"nobody said {signal.SignalId} ({signal.Kind})");
        return said;
    }

    /// <summary>The store was read from the beginning: what was acknowledged must still be there.</summary>
    public void StoreIs(HashSet<(string, string)> stored)
    {
        foreach (var (deviceId, id) in _acknowledged)
        {
            Auditor.Require(stored.Contains((deviceId, id)), Promise.AcknowledgedMeansDurable, $"{id} of {deviceId} was acknowledged and is no longer in the store");
        }

        _stored.IntersectWith(stored);
    }

    public void CheckDelivered(DateTimeOffset healthySince)
    {
        foreach (var ((_, id), at) in _delivered)
        {
            Auditor.Require(clock.Now <= Later(at, healthySince) + AnswerMax, Promise.SignalsAreNeverShed, $"{id} was taken in at {at:HH:mm:ss.fff} and nothing has come of it");
        }
    }

    public void CheckSilent(DateTimeOffset healthySince, TimeSpan grace, StoreAudit store)
    {
        foreach (var (deviceId, at) in _heard)
        {
            if (clock.Now > Later(at + Town.SupervisionLimit, healthySince) + SweepMax + grace)
            {
                Auditor.Require(store.IsKnownAway(deviceId, at), Promise.SilenceIsAnAlarm, $"{deviceId} was last heard at {at:HH:mm:ss.fff}, and no alarm says so");
            }
        }
    }

    public void End()
    {
        foreach (var (key, said) in _said)
        {
            Auditor.Require(_stored.Contains(key), Promise.SignalsAreNeverShed, $"{said.Id} never arrived");
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
