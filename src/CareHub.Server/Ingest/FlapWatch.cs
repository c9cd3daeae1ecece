using CareHub.Core.Signals;
using CareHub.Server.Pipeline;

namespace CareHub.Server.Ingest;

/// <summary>
/// A device that connects too often has a fault that nobody sees, because it is never away for long. One technical alarm
/// says so, and returns when the connection has been calm.
/// </summary>
internal sealed partial class FlapWatch(StartUp start, RegistryView registry, TimeProvider time, ILogger<FlapWatch> log) : BackgroundService
{
    public const int ConnectsMax = 10;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private const int CalmConnectsMax = ConnectsMax / 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Connects> _devices = start.Sites.Values.SelectMany(site => site.Open.Values)
        .Where(alarm => alarm is { Kind: SignalKind.Flapping, Active: true })
        .ToDictionary(alarm => alarm.DeviceId, _ => new Connects { Raised = true }, StringComparer.Ordinal);

    /// <summary>The device has been let in.</summary>
    public void Connected(string deviceId)
    {
        var now = time.HubNow();
        lock (_lock)
        {
            if (!_devices.TryGetValue(deviceId, out var connects))
            {
                _devices[deviceId] = connects = new Connects();
            }

            connects.Add(now);
            if (connects.Raised || connects.Since(now - Window) <= ConnectsMax)
            {
                return;
            }

            connects.Raised = true;
        }

        LogFlapping(deviceId, ConnectsMax, (int)Window.TotalMinutes);
        _ = ReportAsync(deviceId, true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var deviceId in TakeCalm(time.HubNow() - Window))
            {
                await ReportAsync(deviceId, false);
            }
        }
    }

    /// <summary>Devices whose alarm is over. Those with nothing to remember are forgotten.</summary>
    private List<string> TakeCalm(DateTimeOffset since)
    {
        lock (_lock)
        {
            var calm = _devices.Where(pair => pair.Value.Raised && pair.Value.Since(since) <= CalmConnectsMax).Select(pair => pair.Key).ToList();
            calm.ForEach(deviceId => _devices[deviceId].Raised = false);
            foreach (var (deviceId, _) in _devices.Where(pair => !pair.Value.Raised && pair.Value.Since(since) == 0).ToList())
            {
                _devices.Remove(deviceId);
            }

            return calm;
        }
    }

    private async Task ReportAsync(string deviceId, bool flapping)
    {
        if (!registry.Current.Devices.TryGetValue(deviceId, out var device))
        {
            return;
        }

        var now = time.HubNow();
        try
        {
            await start.Pipeline.SignalAsync(
                new Signal
                {
                    DeviceId = deviceId,
                    Id = $"~{(flapping ? "flapping" : "calm")}-{now.ToUnixTimeMilliseconds()}",
                    Kind = flapping ? SignalKind.Flapping : SignalKind.Restore,
                    Of = flapping ? null : SignalKind.Flapping,
                    ReceivedAt = now,
                    Source = SignalSource.Supervision,
                },
                device.Facts);
        }
        catch (Exception failure)
        {
            // The next connect, or the next look, tries again.
            lock (_lock)
            {
                if (_devices.TryGetValue(deviceId, out var connects))
                {
                    connects.Raised = !flapping;
                }
                else if (!flapping)
                {
                    _devices[deviceId] = new Connects { Raised = true };
                }
            }

            LogReportFailed(failure, deviceId);
        }
    }

    /// <summary>The latest connects of one device; as many as decide, no more.</summary>
    private sealed class Connects
    {
        private readonly DateTimeOffset[] _latest = new DateTimeOffset[ConnectsMax + 1];
        private int _next;

        public bool Raised { get; set; }

        public void Add(DateTimeOffset at)
        {
            _latest[_next] = at;
            _next = (_next + 1) % _latest.Length;
        }

        public int Since(DateTimeOffset since) => _latest.Count(at => at > since);
    }

    [LoggerMessage(1301, LogLevel.Warning, "Device {DeviceId} has connected more than {Connects} times in {Minutes} minutes")]
    private partial void LogFlapping(string deviceId, int connects, int minutes);

    [LoggerMessage(1302, LogLevel.Error, "That the connection of device {DeviceId} flaps, or is calm again, could not be recorded")]
    private partial void LogReportFailed(Exception failure, string deviceId);
}
