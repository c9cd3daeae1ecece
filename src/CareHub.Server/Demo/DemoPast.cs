using CareHub.Core.Devices;
using CareHub.Core.Telemetry;
using CareHub.Storage.Registry;

namespace CareHub.Server.Demo;

/// <summary>
/// What the demo city's monitors measured before anybody started it, so that its charts have a past: a week of vital signs,
/// and four weeks of movement, which is what people's patterns are learnt from.
/// </summary>
internal static class DemoPast
{
    private const int BatchReadings = 5_000;
    private static readonly TimeSpan VitalEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan VitalFor = TimeSpan.FromDays(7);
    private static readonly TimeSpan MotionEvery = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan MotionFor = TimeSpan.FromDays(28);

    public static async Task WriteAsync(IEnumerable<DeviceRow> devices, ITelemetryStore telemetry, DateTimeOffset now, TimeZoneInfo zone)
    {
        foreach (var batch in devices.SelectMany(device => Of(device, now, zone)).Chunk(BatchReadings))
        {
            await telemetry.AppendAsync(batch, CancellationToken.None);
        }
    }

    private static IEnumerable<Reading> Of(DeviceRow device, DateTimeOffset now, TimeZoneInfo zone)
    {
        // A stable seed: string hashes differ from process to process.
        var random = new Random(device.Id.Aggregate(17, (seed, letter) => unchecked((seed * 31) + letter)));
        return device.Kind switch
        {
            DeviceKinds.VitalMonitor => Vitals(device.Id, random, now, zone),
            DeviceKinds.MotionSensor => Movements(device.Id, random, now, zone),
            _ => [],
        };
    }

    private static IEnumerable<Reading> Vitals(string device, Random random, DateTimeOffset now, TimeZoneInfo zone)
    {
        var (pulse, wander) = (66 + random.Next(12), 0.0);
        for (var at = now - VitalFor; at < now - VitalEvery; at += VitalEvery)
        {
            // From early evening's peak to the small hours' low.
            var swing = Math.Cos((LocalHour(at, zone) - 16) / 24 * Math.Tau);
            wander = (wander * 0.95) + (random.NextDouble() - 0.5);
            yield return new Reading(device, "heart_rate", Math.Round(pulse + (7 * swing) + (4 * wander)), at);
            yield return new Reading(device, "spo2", Math.Round(Math.Min(100, 97 + (0.5 * swing) + wander)), at);
            yield return new Reading(device, "body_temperature", Math.Round(36.5 + (0.3 * swing) + (0.1 * wander), 1), at);
        }
    }

    private static IEnumerable<Reading> Movements(string device, Random random, DateTimeOffset now, TimeZoneInfo zone)
    {
        var (up, down) = (6 + random.Next(2), 21 + random.Next(2));
        for (var at = now - MotionFor; at < now - MotionEvery; at += MotionEvery)
        {
            var hour = LocalHour(at, zone);
            var often = hour >= up && hour < down ? 0.8 : 0.06;
            yield return new Reading(device, ReadingNames.Motion, random.NextDouble() < often ? 1 + random.Next(8) : 0, at);
        }
    }

    private static double LocalHour(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).TimeOfDay.TotalHours;
}
