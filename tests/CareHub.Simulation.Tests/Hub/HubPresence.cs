using CareHub.Core.Signals;
using CareHub.Core.Triage;
using CareHub.Server.Decoders;
using CareHub.Server.Jobs;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Simulation.Tests.World;
using CareHub.Storage.Registry;

namespace CareHub.Simulation.Tests.Hub;

/// <summary>
/// What ingest and the supervision sweep do, driven by the scheduler: the real decoder, presence book and sweep's question;
/// the order of their acts is that of DeviceIngest and SupervisionSweep.
/// </summary>
internal sealed class HubPresence
{
    public static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    private readonly HubLife _hub;
    private readonly IHubWorld _world;
    private readonly PresenceBook _book = new();

    public HubPresence(HubLife hub, IHubWorld world, IReadOnlyDictionary<string, long> lastHeard, IReadOnlyDictionary<string, SiteState> sites)
    {
        (_hub, _world) = (hub, world);
        _book.Restore(sites.Values, lastHeard.Select(pair => (pair.Key, pair.Value)), _world.Clock.Now);
    }

    /// <summary>When devices were last heard, as the sweep saves it.</summary>
    public IEnumerable<KeyValuePair<string, long>> Heard => _book.All.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.LastHeardMs));

    public void Reading(string deviceId) => Hears(Town.Registry.Current.Devices[deviceId]);

    public void Signal(string deviceId, byte[] payload, Action done, Action failed)
    {
        var device = Town.Registry.Current.Devices[deviceId];
        Hears(device);
        var signal = NativeSignalDecoder.Decode(deviceId, payload, _world.Clock.Now).Value!;
        _hub.Post(new SignalWork(signal, device.Facts), _ => done(), failed);
    }

    public void Will(string deviceId)
    {
        var device = Town.Registry.Current.Devices[deviceId];
        var seen = _book.Of(deviceId);
        if (seen.TrySetOffline(true))
        {
            ReportGone(device, seen, SignalSource.Will);
        }
    }

    public void Sweep()
    {
        foreach (var (device, seen, _) in SupervisionSweep.Silent(_book, Town.Registry.Current.Devices, _world.Clock.Now).OrderBy(each => each.Device.Id, StringComparer.Ordinal).ToList())
        {
            if (seen.TrySetOffline(true))
            {
                _world.Trace.Add($"hub: {device.Id} is silent");
                ReportGone(device, seen, SignalSource.Supervision);
            }
        }
    }

    private void ReportGone(DeviceEntry device, DevicePresence seen, SignalSource source) =>
        _hub.Post(new SignalWork(PresenceSignals.Offline(device.Id, source, _world.Clock.Now, []), device.Facts), _ => { }, () => seen.TrySetOffline(false));

    private void Hears(DeviceEntry device)
    {
        _world.Auditor.Heard(device.Id);
        var seen = _book.Of(device.Id);
        seen.LastHeardMs = _world.Clock.Now.ToUnixTimeMilliseconds();
        if (seen.IsOffline && seen.TrySetOffline(false))
        {
            _hub.Post(new SignalWork(PresenceSignals.Online(device.Id, _world.Clock.Now), device.Facts), _ => { }, () => seen.TrySetOffline(true));
        }
    }
}
