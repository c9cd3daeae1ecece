using System.Collections.Concurrent;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Storage.Registry;

namespace CareHub.Server.Presence;

/// <summary>When a device was last heard, and whether the hub believes it is there.</summary>
internal sealed class DevicePresence
{
    private long _lastHeardMs;
    private int _offline;

    /// <summary>Unix milliseconds by the hub's clock; 0 when never heard.</summary>
    public long LastHeardMs
    {
        get => Interlocked.Read(ref _lastHeardMs);
        set => Interlocked.Exchange(ref _lastHeardMs, value);
    }

    public bool IsOffline => Volatile.Read(ref _offline) != 0;

    /// <summary>Returns whether this call changed it, so that of many messages exactly one reports the return.</summary>
    public bool TrySetOffline(bool offline) => Interlocked.Exchange(ref _offline, offline ? 1 : 0) != (offline ? 1 : 0);
}

/// <summary>
/// Presence of every device: a message costs one store into memory. Silence is found by a sweep, not by a timer per
/// device.
/// </summary>
internal sealed class PresenceBook
{
    private readonly ConcurrentDictionary<string, DevicePresence> _devices = new(StringComparer.Ordinal);
    private long _savedMs;
    private long _awayFromMs;
    private long _awayMs;

    public DevicePresence Of(string deviceId) => _devices.GetOrAdd(deviceId, static _ => new DevicePresence());

    public DevicePresence? Find(string deviceId) => _devices.GetValueOrDefault(deviceId);

    public IEnumerable<KeyValuePair<string, DevicePresence>> All => _devices;

    /// <summary>How long the hub has listened in vain. While it was not running nobody could be heard, and that is nobody's silence.</summary>
    public TimeSpan SilenceOf(DevicePresence seen, DateTimeOffset now)
    {
        var lastHeardMs = seen.LastHeardMs;
        return TimeSpan.FromMilliseconds(now.ToUnixTimeMilliseconds() - lastHeardMs - (lastHeardMs <= _awayFromMs ? _awayMs : 0));
    }

    /// <summary>Devices heard since the last call, to be saved, and that the hub itself has listened until now.</summary>
    public IReadOnlyList<(string DeviceId, long LastHeardMs)> HeardSinceSaved(DateTimeOffset now)
    {
        var since = Interlocked.Exchange(ref _savedMs, now.ToUnixTimeMilliseconds());
        return [(HubSite.Id, now.ToUnixTimeMilliseconds()), .. _devices.Where(pair => pair.Value.LastHeardMs >= since && pair.Value.LastHeardMs > 0).Select(pair => (pair.Key, pair.Value.LastHeardMs))];
    }

    /// <summary>After a start: who was away before still is.</summary>
    public void Restore(IEnumerable<SiteState> sites, IEnumerable<(string DeviceId, long LastHeardMs)> lastHeard, DateTimeOffset now)
    {
        foreach (var (deviceId, at) in lastHeard)
        {
            if (deviceId == HubSite.Id)
            {
                _awayFromMs = at;
                _awayMs = Math.Max(0, now.ToUnixTimeMilliseconds() - at);
            }
            else
            {
                Of(deviceId).LastHeardMs = at;
            }
        }

        foreach (var site in sites)
        {
            foreach (var alarm in site.Open.Values.Where(alarm => alarm is { Kind: SignalKind.Offline, Active: true }))
            {
                Of(alarm.DeviceId).TrySetOffline(true);
            }

            foreach (var key in site.Pending.Keys.Where(key => key.Kind == SignalKind.Offline))
            {
                Of(key.DeviceId).TrySetOffline(true);
            }
        }
    }
}
