using System.Diagnostics;
using System.Globalization;
using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace CareHub.Bench.Telemetry;

/// <summary>
/// Fills an embedded store as devices would and asks it as people would: what a reading costs in time and on disk, and how
/// long a chart takes. Everything is of one process, so the processor time is the process's.
/// </summary>
internal static class EmbeddedFill
{
    private const int SecondsBetween = 10;
    private const int BatchReadings = 5_000;
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<int> RunAsync(int devices, double days, string? directory)
    {
        var folder = directory ?? Directory.CreateTempSubdirectory("carehub-fill-").FullName;
        try
        {
            await FillAsync(folder, devices, days);
        }
        finally
        {
            if (directory is null)
                Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task FillAsync(string folder, int devices, double days)
    {
        var file = TelemetryFile.Open(folder, TelemetryLimits.Default, NullLoggerFactory.Instance);
        var store = new EmbeddedTelemetryStore(file);
        var fleet = Enumerable.Range(0, devices).Select(number => new Sensor(number)).ToList();
        var batch = new List<Reading>();
        var (append, tidy, readings) = (new Meter(), new Meter(), 0L);
        var end = Start.AddDays(days);
        var steps = Math.Max(1, BatchReadings / devices);
        for (var at = Start; at < end; at = at.AddSeconds(SecondsBetween * steps))
        {
            // By series, as the spool's follower writes them.
            batch.Clear();
            foreach (var sensor in fleet)
            {
                for (var step = 0; step < steps && at.AddSeconds(SecondsBetween * step) < end; step++)
                    batch.Add(sensor.Measure(at.AddSeconds(SecondsBetween * step)));
            }

            readings += batch.Count;
            await append.MeasureAsync(() => store.AppendAsync(batch, default));

            // As the retention job does it, at seven past each hour.
            var next = at.AddSeconds(SecondsBetween * steps);
            if (at.AddMinutes(-7).Hour != next.AddMinutes(-7).Hour)
                await tidy.MeasureAsync(() => store.TidyAsync(next, TelemetryRetention.Default, default));
        }

        await tidy.MeasureAsync(() => store.TidyAsync(end.AddHours(2), TelemetryRetention.Default, default));
        await AskAsync(store, fleet, end);

        // Closing moves the log into the file.
        await file.DisposeAsync();
        var bytes = new FileInfo(Path.Combine(folder, TelemetryFile.FileName)).Length;
        Report($"{devices} devices, {days} days at one reading per {SecondsBetween} s: {readings:N0} readings");
        Report($"append, batches of {BatchReadings:N0}: {append.CpuUs / readings:F2} CPU µs and {append.WallUs / readings:F2} µs per reading");
        Report($"pack and forget: {tidy.CpuUs / readings:F2} CPU µs per reading, {tidy.WallUs / 1000 / Math.Max(1, days * 24):F0} ms an hour");
        Report($"file: {bytes / 1e6:F1} MB, {bytes / (double)readings:F2} bytes per reading; 259.2 M readings would be {bytes / (double)readings * 259.2e6 / 1e9:F2} GB");
    }

    private static async Task AskAsync(EmbeddedTelemetryStore store, List<Sensor> fleet, DateTimeOffset end)
    {
        foreach (var (what, back, window) in new (string, TimeSpan, TimeSpan?)[]
        {
            ("a day, every reading", TimeSpan.FromDays(1), null),
            ("an hour, windows of 5 s", TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)),
            ("a day, windows of 2 min", TimeSpan.FromDays(1), TimeSpan.FromMinutes(2)),
            ("7 days, windows of 15 min", TimeSpan.FromDays(7), TimeSpan.FromMinutes(15)),
            ("30 days, windows of 1 h", TimeSpan.FromDays(30), TimeSpan.FromHours(1)),
        })
        {
            var times = new List<double>();
            var found = 0;
            foreach (var sensor in fleet.Take(50))
            {
                // One that nobody has asked for yet, and once more.
                for (var round = 0; round < 2; round++)
                {
                    var clock = Stopwatch.StartNew();
                    found = window is { } length
                        ? (await store.WindowsAsync(sensor.Device, sensor.Name, end - back, end, length, default)).Count
                        : (await store.SeriesAsync(sensor.Device, sensor.Name, end - back, end, int.MaxValue, default)).Count;
                    times.Add(clock.Elapsed.TotalMilliseconds);
                }
            }

            times.Sort();
            Report($"{what}: {found} rows, p50 {times[times.Count / 2]:F1} ms, slowest {times[^1]:F1} ms");
        }
    }

    private static void Report(string line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Processor and wall time of what is measured.</summary>
    private sealed class Meter
    {
        public double CpuUs { get; private set; }

        public double WallUs { get; private set; }

        public async Task MeasureAsync(Func<Task> work)
        {
            var (cpu, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            await work();
            CpuUs += (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds;
            WallUs += clock.Elapsed.TotalMicroseconds;
        }
    }

    /// <summary>A third each: a pulse with a jittering clock, a temperature on the second, and a device without a clock, stamped on receipt.</summary>
    private sealed class Sensor(int number)
    {
        private readonly Random _random = new(number);
        private double _value = number % 3 == 1 ? 22 : 70;

        public string Device { get; } = $"device-{number:0000}";

        public string Name { get; } = (number % 3) switch { 0 => "heart_rate", 1 => "temperature", _ => "respiration_rate" };

        public Reading Measure(DateTimeOffset due)
        {
            var middle = number % 3 == 1 ? 22 : 70;
            _value += ((middle - _value) * 0.02) + ((_random.NextDouble() - 0.5) * (number % 3 == 1 ? 0.2 : 3));
            var at = (number % 3) switch
            {
                0 => due.AddMilliseconds(_random.Next(0, 60)),
                1 => due,
                _ => due.AddTicks(_random.Next(0, 200_000)),
            };
            return new Reading(Device, Name, Math.Round(_value, number % 3 == 1 ? 1 : 0), at);
        }
    }
}
