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
}
