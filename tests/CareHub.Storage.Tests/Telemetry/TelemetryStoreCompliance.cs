using CareHub.Core.Telemetry;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry;

/// <summary>What every telemetry store owes its callers. One subclass per store.</summary>
public abstract class TelemetryStoreCompliance : IAsyncLifetime
{
    private ITelemetryStore _store = null!;

    internal abstract Task<ITelemetryStore> OpenAsync();

    protected abstract Task CloseAsync();

    public async Task InitializeAsync() => _store = await OpenAsync();

    public Task DisposeAsync() => CloseAsync();

    [Fact]
    public async Task An_appended_reading_is_read_back_exactly()
    {
        foreach (var value in new[] { 71, 36.6, -0.1, 1e-300, 1e300, double.MaxValue, double.Epsilon, 1.0 / 3, 0 })
        {
            await AppendAsync(Some.Reading(value));
            Assert.Equal([Some.Reading(value)], await _store.LatestAsync("vit-0012", default));
        }
    }

    [Fact]
    public async Task An_unknown_device_or_series_has_no_readings()
    {
        Assert.Empty(await _store.LatestAsync("nobody", default));
        Assert.Empty(await AllAsync("nobody", "heart_rate"));
        await AppendAsync(Some.Reading());
        Assert.Empty(await _store.LatestAsync("nobody", default));
        Assert.Empty(await AllAsync("vit-0012", "temperature"));
    }

    [Fact]
    public async Task The_same_series_and_time_is_one_point_and_the_last_value_counts()
    {
        await AppendAsync(Some.Reading(70), Some.Reading(71));
        await AppendAsync(Some.Reading(72));
        await AppendAsync(Some.Reading(72));
        Assert.Equal([Some.Reading(72)], await AllAsync("vit-0012", "heart_rate"));
    }

    [Fact]
    public async Task Distinct_readings_of_one_millisecond_stay_distinct()
    {
        Reading[] readings =
        [
            Some.Reading(70),
            Some.Reading(71) with { At = Some.Time.AddTicks(1) },
            Some.Reading(72) with { At = Some.Time.AddTicks(2) },
        ];
        await AppendAsync(readings);
        await AppendAsync(Some.Reading(36.6, name: "temperature"), Some.Reading(70, device: "vit-0013"));
        Assert.Equal(readings, await AllAsync("vit-0012", "heart_rate"));
        Assert.Single(await AllAsync("vit-0012", "temperature"));
        Assert.Single(await AllAsync("vit-0013", "heart_rate"));
    }

    [Fact]
    public async Task Latest_is_the_newest_by_time_of_each_name_in_order_of_name()
    {
        await AppendAsync(Some.Reading(80, 10), Some.Reading(36.6, 5, name: "temperature"), Some.Reading(99, name: "battery"));
        await AppendAsync(Some.Reading(60, 2), Some.Reading(36.9, 6, name: "temperature"), Some.Reading(1, 99, "other"));
        Assert.Equal(
            [Some.Reading(99, name: "battery"), Some.Reading(80, 10), Some.Reading(36.9, 6, name: "temperature")],
            await _store.LatestAsync("vit-0012", default));
    }

    [Fact]
    public async Task A_series_is_half_open_oldest_first_and_limited_to_the_newest()
    {
        await AppendAsync([.. Enumerable.Range(0, 10).Reverse().Select(i => Some.Reading(60 + i, i))]);

        var range = await _store.SeriesAsync("vit-0012", "heart_rate", Some.Time.AddSeconds(2), Some.Time.AddSeconds(8), 100, default);
        Assert.Equal([62, 63, 64, 65, 66, 67], range.Select(reading => reading.Value));

        var newest = await _store.SeriesAsync("vit-0012", "heart_rate", Some.Time.AddSeconds(2), Some.Time.AddSeconds(8), 2, default);
        Assert.Equal([66, 67], newest.Select(reading => reading.Value));

        Assert.Empty(await _store.SeriesAsync("vit-0012", "heart_rate", Some.Time, Some.Time.AddSeconds(8), 0, default));
        Assert.Empty(await _store.SeriesAsync("vit-0012", "heart_rate", Some.Time.AddSeconds(8), Some.Time.AddSeconds(2), 10, default));
    }

    [Fact]
    public async Task A_time_zone_is_only_a_way_to_write_a_time()
    {
        var local = Some.Reading() with { At = Some.Time.ToOffset(TimeSpan.FromHours(8)) };
        await AppendAsync(local);
        await AppendAsync(Some.Reading(80));
        var reading = Assert.Single(await AllAsync("vit-0012", "heart_rate"));
        Assert.Equal((80, TimeSpan.Zero), (reading.Value, reading.At.Offset));
    }

    [Theory]
    [InlineData("a b,c=d")]
    [InlineData("back\\slash and \"quotes\" and 'apostrophes'")]
    [InlineData("杭州-老人-0012 ☎ 😀")]
    [InlineData("#hash % ; -- DROP MEASUREMENT \"readings\"")]
    [InlineData("' OR 'a' = 'a")]
    public async Task Names_of_any_look_are_kept_apart(string name)
    {
        var hostile = Some.Reading(1, device: name, name: name);
        await AppendAsync(hostile, Some.Reading(2, device: name), Some.Reading(3));
        Assert.Equal([hostile], await AllAsync(name, name));
        Assert.Equal(2, (await _store.LatestAsync(name, default)).Count);
        Assert.Equal([Some.Reading(3)], await _store.LatestAsync("vit-0012", default));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public async Task A_number_that_is_none_breaks_the_contract_and_nothing_of_its_batch_is_kept(double value)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => AppendAsync(Some.Reading(), Some.Reading(value, 1)));
        Assert.Empty(await AllAsync("vit-0012", "heart_rate"));
    }

    [Fact]
    public async Task An_empty_batch_is_kept_at_once() => await AppendAsync();

    [Fact]
    public async Task Appends_from_many_callers_are_all_kept()
    {
        const int Callers = 20;
        const int Batches = 10;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (var batch = 0; batch < Batches; batch++)
                await AppendAsync([.. Enumerable.Range(0, 10).Select(i => Some.Reading(i, (batch * 10) + i, $"device-{caller}"))]);
        }));
        for (var caller = 0; caller < Callers; caller++)
            Assert.Equal(Batches * 10, (await AllAsync($"device-{caller}", "heart_rate")).Count);
    }

    [Fact]
    public async Task Windows_sum_up_what_is_in_them_and_a_gap_stays_a_gap()
    {
        await AppendAsync(At(0, 70), At(59.9, 80), At(60, 60.5), At(300, 90), At(301, 50), At(302, 70));
        Assert.Equal(
            [Window(0, 2, 70, 80, 150), Window(60, 1, 60.5, 60.5, 60.5), Window(300, 3, 50, 90, 210)],
            await WindowsAsync(0, 600, TimeSpan.FromMinutes(1)));
        Assert.Equal([Window(0, 3, 60.5, 80, 210.5), Window(300, 3, 50, 90, 210)], await WindowsAsync(0, 600, TimeSpan.FromMinutes(5)));
        Assert.Equal([Window(0, 6, 50, 90, 420.5)], await WindowsAsync(0, 600, TimeSpan.FromHours(1)));
        Assert.Equal([Window(300, 1, 90, 90, 90), Window(301, 1, 50, 50, 50), Window(302, 1, 70, 70, 70)], await WindowsAsync(300, 303, TimeSpan.FromSeconds(1)));
        Assert.Empty(await WindowsAsync(120, 300, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_window_that_is_touched_comes_whole()
    {
        await AppendAsync(At(0, 70), At(59, 80), At(60, 60), At(119, 65));
        Assert.Equal([Window(0, 2, 70, 80, 150), Window(60, 2, 60, 65, 125)], await WindowsAsync(30, 61, TimeSpan.FromMinutes(1)));
        Assert.Equal([Window(0, 2, 70, 80, 150)], await WindowsAsync(30, 60, TimeSpan.FromMinutes(1)));
        Assert.Empty(await WindowsAsync(60, 60, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Windows_are_of_one_series_and_each_time_in_them_counts_once()
    {
        await AppendAsync(At(10, 70), At(10, 72), At(20, 80) with { DeviceId = "vit-0013" }, At(30, 36.6) with { Name = "temperature" });
        await AppendAsync(At(10, 74));
        Assert.Equal([Window(0, 1, 74, 74, 74)], await WindowsAsync(0, 600, TimeSpan.FromMinutes(1)));
        Assert.Empty(await _store.WindowsAsync("nobody", "heart_rate", Day, Day.AddHours(1), TimeSpan.FromMinutes(1), default));
    }

    /// <summary>Readings of three days in any order, some overwritten, tidied now and then: the windows are those of the readings.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Windows_are_right_whatever_came_late_or_twice(int seed)
    {
        var random = new Random(seed);
        var kept = new Dictionary<DateTimeOffset, double>();
        for (var batch = 0; batch < 12; batch++)
        {
            // Most are of the present hour, some are days late; seconds collide now and then.
            var readings = Enumerable.Range(0, 120).Select(_ => At(random.Next(4) == 0 ? random.Next(3 * 86_400) : (batch * 20_000) + random.Next(3_600), Math.Round(60 + (random.NextDouble() * 40), 1))).ToArray();
            await AppendAsync(readings);
            foreach (var reading in readings)
                kept[reading.At] = reading.Value;
            if (batch % 3 == 2)
                await _store.TidyAsync(Day.AddSeconds(batch * 20_000), Everything, default);
        }

        foreach (var minutes in new[] { 1, 5, 15, 60, 360, 1_440 })
        {
            var window = TimeSpan.FromMinutes(minutes);
            var expected = kept.GroupBy(pair => pair.Key.Ticks / window.Ticks).OrderBy(group => group.Key)
                .Select(group => (From: group.Key * window.Ticks, Count: (long)group.Count(), Min: group.Min(pair => pair.Value), Max: group.Max(pair => pair.Value), Sum: Math.Round(group.Sum(pair => pair.Value), 6)));
            var actual = await _store.WindowsAsync("vit-0012", "heart_rate", Day.AddDays(-1), Day.AddDays(4), window, default);
            Assert.Equal(expected, actual.Select(each => (each.From.Ticks, each.Count, each.Min, each.Max, Math.Round(each.Sum, 6))));
        }

        var all = await AllAsync("vit-0012", "heart_rate");
        Assert.Equal(kept.OrderBy(pair => pair.Key), all.Select(reading => KeyValuePair.Create(reading.At, reading.Value)));
        Assert.Equal(all[^1], Assert.Single(await _store.LatestAsync("vit-0012", default)));
        Assert.Equal(all.TakeLast(50), await _store.SeriesAsync("vit-0012", "heart_rate", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 50, default));
    }

    private static readonly TelemetryRetention Everything = new() { Readings = TimeSpan.FromDays(36_500), Minutes = TimeSpan.FromDays(36_500), Quarters = TimeSpan.FromDays(36_500), Hours = TimeSpan.FromDays(36_500), Days = TimeSpan.FromDays(36_500) };

    /// <summary>The beginning of a day.</summary>
    private static DateTimeOffset Day { get; } = new(Some.Time.UtcDateTime.Date, TimeSpan.Zero);

    private static Reading At(double second, double value) => Some.Reading(value) with { At = Day.AddSeconds(second) };

    private static ReadingWindow Window(int second, long count, double min, double max, double sum) => new(Day.AddSeconds(second), count, min, max, sum);

    private Task<IReadOnlyList<ReadingWindow>> WindowsAsync(int from, int to, TimeSpan window) =>
        _store.WindowsAsync("vit-0012", "heart_rate", Day.AddSeconds(from), Day.AddSeconds(to), window, default);

    private Task AppendAsync(params Reading[] readings) => _store.AppendAsync(readings, default);

    private Task<IReadOnlyList<Reading>> AllAsync(string device, string name) =>
        _store.SeriesAsync(device, name, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 10_000, default);
}
