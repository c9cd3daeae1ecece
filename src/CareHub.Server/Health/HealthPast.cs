using CareHub.Core.Health;
using CareHub.Core.Telemetry;
using CareHub.Server.Configuration;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Embedded;

namespace CareHub.Server.Health;

/// <summary>What this machine's store knows of the time before this process: patterns and trends are made from its roll-ups.</summary>
internal sealed class HealthPast(TelemetryStorage storage, HubOptions options)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly EmbeddedTelemetryStore _telemetry = storage.Local;
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);

    /// <summary>The days that its trend gives a battery whose newest value this is.</summary>
    public async Task<double?> BatteryDaysLeftAsync(Reading newest, CancellationToken cancellationToken)
    {
        var watch = new BatteryWatch();
        foreach (var (at, value) in await BatteryAsync(newest.DeviceId, newest.At, cancellationToken))
        {
            watch.Learn(value, at);
        }

        watch.Learn(newest.Value, newest.At);
        return watch.DaysLeft;
    }

    /// <summary>A value every six hours, oldest first.</summary>
    public async Task<IReadOnlyList<(DateTimeOffset At, double Value)>> BatteryAsync(string deviceId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var windows = await _telemetry.WindowsAsync(deviceId, ReadingNames.Battery, now - BatteryWatch.SampleAgeMax, now - BatteryWatch.SampleEvery, BatteryWatch.SampleEvery, cancellationToken);
        return [.. windows.Where(window => window.From + (BatteryWatch.SampleEvery / 2) < now).Select(window => (window.From + (BatteryWatch.SampleEvery / 2), window.Average))];
    }

    /// <summary>Devices that have ever seen somebody move.</summary>
    public Task<IReadOnlySet<string>> MotionDevicesAsync(InactivityRule rule, CancellationToken cancellationToken) => _telemetry.DevicesWithAsync(rule.Readings, cancellationToken);

    /// <summary>A person's pattern and last movement, from all of their sensors.</summary>
    public async Task<(ActivityPattern Pattern, (string DeviceId, string Reading, DateTimeOffset At)? Last)> MovementAsync(IEnumerable<DeviceEntry> sensors, InactivityRule rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var active = new SortedSet<long>();
        (string, string, DateTimeOffset At)? last = null;
        foreach (var sensor in sensors)
        {
            foreach (var reading in rule.Readings)
            {
                foreach (var window in await _telemetry.WindowsAsync(sensor.Id, reading, now - ActivityPattern.Memory, now, Hour, cancellationToken))
                {
                    if (window.Max <= 0)
                    {
                        continue;
                    }

                    active.Add(ActivityPattern.HourOf(window.From));
                    // When within the hour is not told; the later, the later somebody is worried, by less than an hour.
                    var end = window.From + Hour - TimeSpan.FromTicks(1);
                    var at = end < now ? end : now;
                    if (last is null || at > last.Value.At)
                    {
                        last = (sensor.Id, reading, at);
                    }
                }
            }
        }

        return (ActivityPattern.Learn([.. active], now, _zone), last);
    }
}
