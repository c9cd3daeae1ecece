using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Forwarding;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Telemetry.Spool;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Forwarding;

/// <summary>InfluxDB has confirmed, and comes back without: what is on record here goes there again.</summary>
[Collection(SharedInfluxd.Name)]
public sealed class InfluxRefillTests(InfluxdProcess influxd)
{
    private readonly string _database = $"db{Guid.NewGuid():N}";

    [Fact]
    public async Task What_InfluxDB_has_lost_it_gets_again_and_nothing_twice()
    {
        using var directory = new TemporaryDirectory();
        using var log = new CollectingLogger();
        var events = new ListedEvents();
        events.Add([.. Enumerable.Range(1, 25).Select(i => Some.Event(i))]);
        await using var storage = TelemetryStorage.Open(directory.Path, influxd.Options(_database), events, TimeProvider.System, log, Some.QuickLimits, new TelemetryParts { Tags = new OnePlace() });
        await storage.Store.AppendAsync([.. Enumerable.Range(0, 300).Select(i => Some.Reading(i, i * 7_200.5, name: i % 2 == 0 ? "heart_rate" : "battery"))], default);
        await Eventually.TrueAsync(() => storage.Forwarder is { ReadingsForwarded: 300, EventsForwarded: 25 }, "all forwarded");
        // A query has it applied to the file; then some of it is packed, some of it not.
        Assert.Equal(2, (await storage.Local.LatestAsync("vit-0012", default)).Count);
        await storage.Store.TidyAsync(Some.Time.AddDays(10), new() { Readings = TimeSpan.FromDays(3_000) }, default);
        var before = await AllAsync();
        await influxd.ExecuteAsync($"DROP DATABASE \"{_database}\"");

        for (var round = 0; round < 2; round++)
        {
            var refill = Refill();
            await refill.EventsAsync(events, new OnePlace(), default);
            await refill.ReadingsAsync(directory.Path, new OnePlace(), Some.Time.AddDays(-1), Some.Time.AddDays(100), default);
            Assert.Equal((325, 0), (refill.Written, refill.Rejected.Points));
            Assert.Equal(before, await AllAsync());
            Assert.Equal(25, await influxd.CountAsync(_database, "events", "device"));
        }

        var part = Refill();
        await part.ReadingsAsync(directory.Path, new OnePlace(), Some.Time.AddSeconds(10 * 7_200.5), Some.Time.AddSeconds(13 * 7_200.5), default);
        Assert.Equal(3, part.Written);
    }

    [Fact]
    public async Task A_refusal_is_said_at_once()
    {
        using var client = new InfluxClient(influxd.Options(_database), Some.QuickLimits, TimeProvider.System);
        var refill = new InfluxRefill(new InfluxBatchWriter(client, mayCreateDatabase: false), Some.QuickLimits, TimeProvider.System);
        var events = new ListedEvents();
        events.Add(Some.Event(1));
        Assert.Contains("database not found", (await Assert.ThrowsAsync<InfluxException>(() => refill.EventsAsync(events, new OnePlace(), default))).Message, StringComparison.Ordinal);
    }

    private InfluxRefill Refill() =>
        new(new InfluxBatchWriter(new InfluxClient(influxd.Options(_database), Some.QuickLimits, TimeProvider.System), mayCreateDatabase: true), Some.QuickLimits with { ForwardPointsMax = 70, ForwardShare = 1 }, TimeProvider.System);

    private async Task<IEnumerable<string>> AllAsync() =>
        (await influxd.QueryAsync(_database, "SELECT value, \"name\", site FROM readings")).Select(row => row.GetRawText()).ToList();

    private sealed class OnePlace : IDeviceTags
    {
        public object Version { get; } = new();

        public SeriesTags Of(string device) => new("vital_monitor", "home-12", "hz-gs");

        public string? RegionOf(string site) => "hz-gs";
    }
}
