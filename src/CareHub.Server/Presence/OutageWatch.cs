using System.Collections.Concurrent;
using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Outages;
using CareHub.Core.Signals;
using CareHub.Server.Pipeline;
using CareHub.Server.Push;
using CareHub.Server.Rules;
using CareHub.Storage.Registry;

namespace CareHub.Server.Presence;

/// <summary>
/// Whoever falls silent is reported through here: when many do at once, the region's outage is the alarm, and the sites are told
/// before their devices are missed.
/// </summary>
internal sealed partial class OutageWatch(StartUp start, PresenceBook presence, LiveQueue queue, RegistryView registry, RuleView rules, TimeProvider time, ILogger<OutageWatch> log)
{
    /// <summary>Sites told at a time: enough for one commit, few enough to leave the shards' queues to devices.</summary>
    private const int ToldAtOnce = 256;

    private readonly Lock _lock = new();
    private readonly OutageBook _book = new();

    /// <summary>Alarms of the outages that stand, by region; a task while one is on its way to the disk.</summary>
    private readonly ConcurrentDictionary<string, Task<string>> _alarms = new(StringComparer.Ordinal);

    /// <summary>Sites that have been told, and of which outage.</summary>
    private readonly ConcurrentDictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>After a start: outages that stand, from what sites and alarms remember.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            foreach (var (deviceId, seen) in presence.All)
            {
                if (seen.IsOffline && registry.Current.Devices.TryGetValue(deviceId, out var device))
                {
                    _book.Add(deviceId, device.Facts.SiteId, device.Facts.RegionPath, DateTimeOffset.MinValue);
                }
            }

            foreach (var site in start.Sites.Values)
            {
                if (site.Memory.Outage is { } outage)
                {
                    _told[site.SiteId] = outage;
                }

                if (RegionSite.IsId(site.SiteId) && site.Open.Values.FirstOrDefault(alarm => alarm is { Kind: SignalKind.Outage, Active: true }) is { } alarm)
                {
                    var regionId = RegionSite.RegionOf(site.SiteId);
                    _book.Resume(regionId);
                    _alarms[regionId] = Task.FromResult(alarm.Id);
                }
            }
        }
    }

    /// <summary>A device has fallen silent, or said that it goes. Completes when that is on disk.</summary>
    public async Task<SignalReceipt> GoneAsync(Signal signal, DeviceFacts device)
    {
        string? begun = null;
        string? covering;
        lock (_lock)
        {
            _book.Add(device.Id, device.SiteId, device.RegionPath, signal.ReceivedAt);
            covering = _book.Covering(device.RegionPath);
            if (covering is null)
            {
                // Whom an outage explains begins none: of a city's ten thousand only the first few are looked at.
                begun = _book.Begin(rules.Current.Defaults.Outage, signal.ReceivedAt);
                covering = _book.Covering(device.RegionPath);
            }
        }

        try
        {
            if (begun is not null)
            {
                await BeginAsync(begun);
            }

            if (covering is not null && _alarms.TryGetValue(covering, out var alarm))
            {
                await TellAsync(device.SiteId, await alarm);
            }

            return await start.Pipeline.SignalAsync(signal, device);
        }
        catch
        {
            // Not on record: it will be reported again, and counted then.
            Back(device.Id);
            throw;
        }
    }

    /// <summary>The device has been heard again, or is no longer expected.</summary>
    public void Back(string deviceId)
    {
        lock (_lock)
        {
            _book.Remove(deviceId);
        }
    }

    /// <summary>Ends what is over, and goes on with what a failure or a person has cut short.</summary>
    public async Task LookAsync()
    {
        IReadOnlyList<string> over;
        List<string> standing;
        lock (_lock)
        {
            var devices = registry.Current.Devices;
            foreach (var deviceId in _book.SilentDevices.Where(id => devices.SupervisionLimit(id) is null).ToList())
            {
                _book.Remove(deviceId);
            }

            over = _book.End();
            standing = [.. _book.Outages];
        }

        foreach (var regionId in over)
        {
            await EndAsync(regionId);
        }

        foreach (var regionId in standing)
        {
            // Closed by a person while it stands: the region is out, and that has to stand in the queue.
            if (!_alarms.TryGetValue(regionId, out var alarm) || !queue.IsOpen(await alarm))
            {
                await BeginAsync(regionId);
            }
        }

        await ReleaseLeftOversAsync();
    }

    private async Task BeginAsync(string regionId)
    {
        var raising = RaiseAsync(regionId);
        _alarms[regionId] = raising;
        string alarmId;
        try
        {
            alarmId = await raising;
        }
        catch
        {
            _alarms.TryRemove(regionId, out _);
            lock (_lock)
            {
                _book.Drop(regionId);
            }

            throw;
        }

        List<string> sites;
        lock (_lock)
        {
            sites = [.. _book.SilentSites(regionId)];
        }

        LogBegun(regionId, alarmId, sites.Count);
        foreach (var some in sites.Chunk(ToldAtOnce))
        {
            await Task.WhenAll(some.Select(site => TellAsync(site, alarmId)));
        }
    }

    private async Task<string> RaiseAsync(string regionId) =>
        (await start.Pipeline.SignalAsync(SignalOf(regionId, SignalKind.Outage), FactsOf(regionId))).AlarmId ?? throw new InvalidOperationException($"The rules raise no alarm for the outage of {regionId}.");

    private async Task TellAsync(string siteId, string alarmId)
    {
        if (_told.TryGetValue(siteId, out var known) && known == alarmId)
        {
            return;
        }

        _told[siteId] = alarmId;
        try
        {
            await start.Pipeline.CommandAsync(siteId, new AlarmCommand.BeginOutage(alarmId, OutageTriage.Author));
        }
        catch
        {
            _told.TryRemove(siteId, out _);
            throw;
        }
    }

    private async Task EndAsync(string regionId)
    {
        try
        {
            await start.Pipeline.SignalAsync(SignalOf(regionId, SignalKind.Restore), FactsOf(regionId));
        }
        catch
        {
            lock (_lock)
            {
                _book.Resume(regionId);
            }

            throw;
        }

        _alarms.TryRemove(regionId, out _);
        LogEnded(regionId);
    }

    /// <summary>Sites that still hold an outage which is over: their silent devices get their grace.</summary>
    private async Task ReleaseLeftOversAsync()
    {
        var standing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alarm in _alarms.Values)
        {
            standing.Add(await alarm);
        }

        foreach (var some in _told.Where(pair => !standing.Contains(pair.Value)).ToList().Chunk(ToldAtOnce))
        {
            await Task.WhenAll(some.Select(async pair =>
            {
                await start.Pipeline.CommandAsync(pair.Key, new AlarmCommand.EndOutage(pair.Value, OutageTriage.Author));
                _told.TryRemove(pair);
            }));
        }
    }

    private Signal SignalOf(string regionId, SignalKind kind)
    {
        var now = time.HubNow();
        return new()
        {
            DeviceId = RegionSite.IdOf(regionId),
            Id = $"~{(kind == SignalKind.Outage ? "outage" : "over")}-{now.ToUnixTimeMilliseconds()}",
            Kind = kind,
            Of = kind == SignalKind.Restore ? SignalKind.Outage : null,
            ReceivedAt = now,
            Source = SignalSource.Supervision,
        };
    }

    private DeviceFacts FactsOf(string regionId)
    {
        var id = RegionSite.IdOf(regionId);
        ImmutableArray<string> path = registry.Current.Regions.TryGetValue(regionId, out var region) ? region.Path : [RegistryStore.RootRegionId];
        return new(id, RegionSite.Kind, id, null) { RegionPath = path };
    }

    [LoggerMessage(1311, LogLevel.Warning, "Region {RegionId} is out: alarm {AlarmId}, silent devices at {Sites} sites")]
    private partial void LogBegun(string regionId, string alarmId, int sites);

    [LoggerMessage(1312, LogLevel.Information, "The outage of region {RegionId} is over")]
    private partial void LogEnded(string regionId);
}
