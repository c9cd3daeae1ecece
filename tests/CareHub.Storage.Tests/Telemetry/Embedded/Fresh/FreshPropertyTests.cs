using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Embedded.Packing;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Embedded.Fresh;

/// <summary>
/// Whatever comes in whatever order (late, twice, another value for the same time), while hours are packed step by step and
/// the file is closed and opened in between: each query answers as a dictionary would.
/// </summary>
public sealed class FreshPropertyTests : IDisposable
{
    private const int Devices = 6;
    private static readonly string[] Names = ["heart_rate", "temperature"];

    private readonly TemporaryDirectory _directory = new();
    private readonly CollectingLogger _log = new();
    private readonly SortedDictionary<(string Device, string Name, long At), double> _model = [];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Every_query_answers_as_a_dictionary_would(int seed)
    {
        var random = new Random(seed);
        var limits = TelemetryLimits.Default with { PackPointsPerStep = random.Next(1, 60), FreshBatchPointsMax = random.Next(20, 400), TidySeriesPerStep = random.Next(1, 20) };
        var (file, store) = Open(limits);
        var now = Some.Time;
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(10))
            {
                case < 6:
                    now = now.AddMinutes(random.Next(12));
                    await AppendAsync(store, random, now);
                    break;
                case < 8:
                    // One step of many: appends and queries come in between.
                    var hour = BlockKey.PeriodAt(UnixTicks.From(now), TimeSpan.TicksPerHour) - random.Next(2);
                    await file.WriteAsync(0, writer => writer.FreshPacker.Step(hour, writer.Packer.HorizonHour), default);
                    break;
                case 8 when random.Next(3) == 0:
                    await store.TidyAsync(now, TelemetryRetention.Default, default);
                    break;
                case 9 when random.Next(3) == 0:
                    await file.DisposeAsync();
                    (file, store) = Open(limits);
                    break;
            }

            await CheckAsync(store, random, now);
        }

        await file.DisposeAsync();
    }

    private async Task AppendAsync(EmbeddedTelemetryStore store, Random random, DateTimeOffset now)
    {
        var batch = new List<Reading>();
        for (var i = random.Next(1, 80); i > 0; i--)
        {
            // A coarse grid, so that times meet.
            var late = random.Next(8) == 0 ? TimeSpan.FromHours(random.NextDouble() * 4) : TimeSpan.FromMinutes(random.NextDouble() * 10);
            var at = new DateTimeOffset((now - late).UtcTicks / (20 * TimeSpan.TicksPerSecond) * 20 * TimeSpan.TicksPerSecond, TimeSpan.Zero);
            var value = random.Next(20) == 0 ? random.NextDouble() : random.Next(40, 100);
            batch.Add(new Reading($"device-{random.Next(Devices)}", Names[random.Next(Names.Length)], value, at));
        }

        await store.AppendAsync(batch, default);
        foreach (var reading in batch)
            _model[(reading.DeviceId, reading.Name, UnixTicks.From(reading.At))] = reading.Value;
    }

    private async Task CheckAsync(EmbeddedTelemetryStore store, Random random, DateTimeOffset now)
    {
        var (device, name) = ($"device-{random.Next(Devices)}", Names[random.Next(Names.Length)]);
        var from = now.AddMinutes(-random.Next(600));
        var to = from.AddMinutes(random.Next(700));
        var expected = _model.Where(each => each.Key.Device == device && each.Key.Name == name).Select(each => (each.Key.At, each.Value)).ToList();
        var within = expected.Where(point => point.At >= UnixTicks.From(from) && point.At < UnixTicks.From(to)).ToList();
        var limit = random.Next(2) == 0 ? int.MaxValue : random.Next(1, 30);
        Assert.Equal(
            within.TakeLast(limit),
            (await store.SeriesAsync(device, name, from, to, limit, default)).Select(reading => (UnixTicks.From(reading.At), reading.Value)));

        var latest = (await store.LatestAsync(device, default)).Where(reading => reading.Name == name);
        Assert.Equal(expected.TakeLast(1), latest.Select(reading => (UnixTicks.From(reading.At), reading.Value)));

        var window = TimeSpan.FromMinutes(new[] { 1, 7, 15, 60, 180, 1_440 }[random.Next(6)]);
        var (first, last) = (BlockKey.PeriodAt(UnixTicks.From(from), window.Ticks), BlockKey.PeriodAt(UnixTicks.From(to) - 1, window.Ticks));
        var windows = expected.GroupBy(point => BlockKey.PeriodAt(point.At, window.Ticks)).Where(each => to > from && each.Key >= first && each.Key <= last)
            .Select(each => (each.Key, each.Count(), each.Min(point => point.Value), each.Max(point => point.Value)));
        Assert.Equal(
            windows,
            (await store.WindowsAsync(device, name, from, to, window, default)).Select(each => (BlockKey.PeriodAt(UnixTicks.From(each.From), window.Ticks), (int)each.Count, each.Min, each.Max)));
    }

    private (TelemetryFile File, EmbeddedTelemetryStore Store) Open(TelemetryLimits limits)
    {
        var file = TelemetryFile.Open(_directory.Path, limits, _log);
        return (file, new EmbeddedTelemetryStore(file));
    }
}
