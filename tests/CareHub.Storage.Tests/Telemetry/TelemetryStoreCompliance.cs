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

    private Task AppendAsync(params Reading[] readings) => _store.AppendAsync(readings, default);

    private Task<IReadOnlyList<Reading>> AllAsync(string device, string name) =>
        _store.SeriesAsync(device, name, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 10_000, default);
}
