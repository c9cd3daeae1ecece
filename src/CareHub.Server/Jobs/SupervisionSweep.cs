using CareHub.Core.Signals;
using CareHub.Server.Pipeline;
using CareHub.Server.Presence;
using CareHub.Storage.Registry;
using Quartz;

namespace CareHub.Server.Jobs;

/// <summary>
/// Silence is an alarm: finds devices that have not been heard within their supervision limit. Also saves when devices
/// were last heard. A device that was never heard is not yet installed, and not missed.
/// </summary>
[DisallowConcurrentExecution]
internal sealed partial class SupervisionSweep(RegistryView registry, PresenceBook presence, PresenceStore store, TriagePipeline pipeline, TimeProvider time, ILogger<SupervisionSweep> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await SweepAsync();
        Save();
    }

    internal async Task SweepAsync()
    {
        var now = time.HubNow();
        foreach (var (device, seen, silence) in Silent(presence, registry.Current.Devices, now))
        {
            if (seen.TrySetOffline(true))
            {
                await ReportAsync(device, seen, now, silence);
            }
        }
    }

    /// <summary>Devices that the hub believes to be there and has not heard within their limit.</summary>
    internal static IEnumerable<(DeviceEntry Device, DevicePresence Seen, TimeSpan Silence)> Silent(PresenceBook presence, DeviceTable devices, DateTimeOffset now)
    {
        foreach (var (deviceId, seen) in presence.All)
        {
            if (seen.LastHeardMs == 0 || seen.IsOffline)
            {
                continue;
            }

            var silence = TimeSpan.FromMilliseconds(now.ToUnixTimeMilliseconds() - seen.LastHeardMs);
            if (silence > devices.SupervisionLimit(deviceId) && devices.TryGetValue(deviceId, out var device))
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
            await pipeline.SignalAsync(PresenceSignals.Offline(device.Id, SignalSource.Supervision, now, []), device.Facts);
        }
        catch (Exception failure)
        {
            // The next sweep tries again.
            seen.TrySetOffline(false);
            LogReportFailed(failure, device.Id);
        }
    }

    private void Save()
    {
        var changed = presence.HeardSinceSaved(time.HubNow());
        if (changed.Count > 0)
        {
            store.Save(changed);
        }
    }

    [LoggerMessage(5001, LogLevel.Warning, "Device {DeviceId} has been silent for {Seconds} s")]
    private partial void LogSilent(string deviceId, long seconds);

    [LoggerMessage(5002, LogLevel.Error, "The silence of device {DeviceId} could not be recorded")]
    private partial void LogReportFailed(Exception failure, string deviceId);
}
