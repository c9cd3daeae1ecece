using CareHub.Core.Signals;
using CareHub.Server.Presence;
using CareHub.Storage.Registry;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>
/// Silence is an alarm: finds devices that have not been heard within their supervision limit. Also saves when devices
/// were last heard. A device that was never heard is not yet installed, and not missed.
/// </summary>
[DisallowConcurrentExecution]
internal sealed partial class SupervisionSweep(RegistryView registry, PresenceBook presence, PresenceStore store, OutageWatch outages, TimeProvider time, ILogger<SupervisionSweep> log) : IJob
{
    /// <summary>Silences on their way to the disk at once: they share commits, and leave room for others.</summary>
    private const int ReportedAtOnce = 256;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await SweepAsync();
        Save();
    }

    internal async Task SweepAsync()
    {
        var now = time.HubNow();
        foreach (var some in Silent(presence, registry.Current.Devices, now).Chunk(ReportedAtOnce))
        {
            await Task.WhenAll(some.Where(each => each.Seen.TrySetOffline(true)).Select(each => ReportAsync(each.Device, each.Seen, now, each.Silence)));
        }

        await LookForOutagesAsync();
    }

    private async Task LookForOutagesAsync()
    {
        try
        {
            await outages.LookAsync();
        }
        catch (Exception failure)
        {
            // The next sweep tries again.
            LogOutageNotKept(failure);
        }
    }

    /// <summary>Devices that the hub believes to be there and has not heard within their limit.</summary>
    internal static IEnumerable<(DeviceEntry Device, DevicePresence Seen, TimeSpan Silence)> Silent(PresenceBook presence, IReadOnlyDictionary<string, DeviceEntry> devices, DateTimeOffset now)
    {
        foreach (var (deviceId, seen) in presence.All)
        {
            if (seen.LastHeardMs == 0 || seen.IsOffline || !devices.TryGetValue(deviceId, out var device) || device.Disabled)
            {
                continue;
            }

            var silence = presence.SilenceOf(seen, now);
            if (silence > device.SupervisionLimit)
            {
                yield return (device, seen, silence);
            }
        }
    }

    private async Task ReportAsync(DeviceEntry device, DevicePresence seen, DateTimeOffset now, TimeSpan silence)
    {
        LogSilent(device.Id, (long)silence.TotalSeconds);
        try
        {
            await outages.GoneAsync(PresenceSignals.Offline(device.Id, SignalSource.Supervision, now, []), device.Facts);
        }
        catch (Exception failure)
        {
            // The next sweep tries again.
            seen.TrySetOffline(false);
            LogReportFailed(failure, device.Id);
        }
    }

    private void Save() => store.Save(presence.HeardSinceSaved(time.HubNow()));

    [LoggerMessage(5001, LogLevel.Warning, "Device {DeviceId} has been silent for {Seconds} s")]
    private partial void LogSilent(string deviceId, long seconds);

    [LoggerMessage(5003, LogLevel.Error, "The beginning or the end of an outage could not be recorded")]
    private partial void LogOutageNotKept(Exception failure);

    [LoggerMessage(5002, LogLevel.Error, "The silence of device {DeviceId} could not be recorded")]
    private partial void LogReportFailed(Exception failure, string deviceId);
}
