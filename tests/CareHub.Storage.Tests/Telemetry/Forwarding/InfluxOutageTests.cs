using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Forwarding;

/// <summary>InfluxDB killed under load, with a ledger of what was acknowledged. An influxd of its own, since it dies.</summary>
public sealed class InfluxOutageTests : IAsyncLifetime
{
    private const string Database = "outage";

    private readonly InfluxdProcess _influxd = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly CollectingLogger _log = new();
    private TelemetryStorage _storage = null!;

    public async Task InitializeAsync()
    {
        await _influxd.InitializeAsync();
        _storage = TelemetryStorage.Open(_directory.Path, _influxd.Options(Database), null, TimeProvider.System, _log, Some.QuickLimits with { ForwardPointsMax = 200 });
    }

    public async Task DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _influxd.DisposeAsync();
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_InfluxDB_is_killed_and_comes_back()
    {
        var ledger = 0;
        for (var round = 0; round < 3; round++)
        {
            await AppendWhileAsync(() => ledger < (round * 5_000) + 2_000);
            // Not a moment of its choosing: batches are on their way.
            _influxd.Kill();
            await AppendWhileAsync(() => ledger < (round * 5_000) + 4_000 || !_storage.Forwarder!.Failing);
            Assert.True(_storage.Forwarder!.ReadingsWaiting > 0);
            Assert.True(_storage.Forwarder.LagSeconds > 0);
            Assert.Equal(ledger - 1, Assert.Single(await _storage.Store.LatestAsync("vit-0012", default)).Value);

            await _influxd.StartAsync();
            await AppendWhileAsync(() => ledger < (round * 5_000) + 5_000);
        }

        await Eventually.TrueAsync(() => _storage.Forwarder!.ReadingsWaiting == 0, "the backlog is drained", TimeSpan.FromSeconds(60));
        var stored = await _influxd.QueryAsync(Database, "SELECT value FROM readings");
        Assert.Equal(Enumerable.Range(0, ledger), stored.Select(row => row[1].GetInt32()));
        Assert.False(_storage.Forwarder!.Failing);

        async Task AppendWhileAsync(Func<bool> go)
        {
            while (go())
            {
                Reading[] batch = [.. Enumerable.Range(ledger, 20).Select(i => Some.Reading(i, i))];
                await _storage.Store.AppendAsync(batch, default);
                ledger += batch.Length;
            }
        }
    }

    [Fact]
    public async Task An_InfluxDB_that_comes_back_empty_gets_all_that_it_had_not_confirmed()
    {
        await _storage.Store.AppendAsync([.. Enumerable.Range(0, 500).Select(i => Some.Reading(i, i))], default);
        await Eventually.TrueAsync(() => _storage.Forwarder!.ReadingsForwarded == 500, "the first are there");
        _influxd.Kill();
        await _storage.Store.AppendAsync([.. Enumerable.Range(500, 1_500).Select(i => Some.Reading(i, i))], default);
        _influxd.Wipe();
        await _influxd.StartAsync();
        await Eventually.TrueAsync(() => _storage.Forwarder!.ReadingsWaiting == 0, "the backlog is drained", TimeSpan.FromSeconds(60));
        // The database is made anew; what it had and lost is here still.
        var stored = await _influxd.QueryAsync(Database, "SELECT value FROM readings");
        Assert.Equal(Enumerable.Range(500, 1_500), stored.Select(row => row[1].GetInt32()));
        var all = await _storage.Store.SeriesAsync("vit-0012", "heart_rate", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 10_000, default);
        Assert.Equal(Enumerable.Range(0, 2_000), all.Select(reading => (int)reading.Value));
    }

    [Fact]
    public async Task A_slow_line_with_answers_that_get_lost_costs_time_and_nothing_else()
    {
        using var directory = new TemporaryDirectory();
        await using var line = new BadLine(new Uri(_influxd.Url).Port) { BytesPerSecond = 400_000, LoseAnswer = request => request % 4 == 1 };
        var limits = Some.QuickLimits with { ForwardPointsMax = 500, InfluxWriteTimeout = TimeSpan.FromSeconds(1) };
        await using var storage = TelemetryStorage.Open(directory.Path, new() { Url = line.Url, Database = "slow" }, null, TimeProvider.System, _log, limits);
        for (var i = 0; i < 5_000; i += 50)
            await storage.Store.AppendAsync([.. Enumerable.Range(i, 50).Select(n => Some.Reading(n, n))], default);
        await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsWaiting == 0, "the backlog is drained", TimeSpan.FromSeconds(60));
        Assert.InRange(line.Lost, 2, 1_000);
        var stored = await _influxd.QueryAsync("slow", "SELECT value FROM readings");
        Assert.Equal(Enumerable.Range(0, 5_000), stored.Select(row => row[1].GetInt32()));
        Assert.Equal(5_000, storage.Forwarder!.ReadingsForwarded);
    }

    [Fact]
    public async Task An_outage_longer_than_the_quota_costs_low_value_first_and_it_is_counted()
    {
        using var directory = new TemporaryDirectory();
        var limits = Some.QuickLimits with { SpoolBytesMax = 256 * 1024 };
        _influxd.Kill();
        await using var storage = TelemetryStorage.Open(directory.Path, _influxd.Options("quota"), null, TimeProvider.System, _log, limits);
        for (var i = 0; i < 20_000; i += 100)
        {
            await storage.Store.AppendAsync([.. Enumerable.Range(i, 100).Select(n => Some.Reading(n, n, name: n % 2 == 0 ? "heart_rate" : "battery"))], default);
            if (i % 5_000 == 0)
                await storage.Store.LatestAsync("vit-0012", default);
        }

        var shed = storage.Forwarder!.ReadingsShed;
        Assert.True(shed > 0);
        Assert.NotNull(storage.SpoolState.LastShedAt);
        await _influxd.StartAsync();
        await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsWaiting == 0, "the backlog is drained", TimeSpan.FromSeconds(60));
        var vital = (await _influxd.QueryAsync("quota", "SELECT value FROM readings WHERE \"name\" = 'heart_rate'")).Count;
        var low = (await _influxd.QueryAsync("quota", "SELECT value FROM readings WHERE \"name\" = 'battery'")).Count;
        Assert.Equal(10_000, vital);
        Assert.InRange(low, 1, 9_999);
        // What was read before its segment went is counted as shed and arrives all the same: at most a batch or two.
        Assert.InRange(20_000 - vital - low, shed - (2 * limits.ForwardPointsMax), shed);
    }
}
