using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Influx;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Forwarding;

[Collection(SharedInfluxd.Name)]
public sealed class ForwarderTests(InfluxdProcess influxd) : IDisposable
{
    private readonly string _database = $"forwarder {Guid.NewGuid():N}";
    private readonly TemporaryDirectory _directory = new();
    private readonly CollectingLogger _log = new();

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task What_is_appended_arrives_once()
    {
        await using var storage = Open();
        for (var i = 0; i < 20; i++)
            await storage.Store.AppendAsync(Readings(i * 50, 50), default);
        await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 1_000, "1,000 readings forwarded");
        Assert.Equal(1_000, await CountAsync());
        var state = storage.Forwarder!;
        Assert.Equal((0, 0, false, null), (state.ReadingsWaiting, state.LagSeconds, state.Failing, state.LastError));
    }

    [Fact]
    public async Task A_full_request_goes_at_once_and_the_rest_when_the_interval_is_over()
    {
        var time = new ManualTime(Some.Time);
        await using var storage = Open(limits: TelemetryLimits.Default with { ForwardPointsMax = 100 }, time: time);
        await storage.Store.AppendAsync(Readings(0, 130), default);
        // The loop reads its position at its first step.
        await AdvanceUntilAsync(time, () => storage.Forwarder!.ReadingsForwarded == 130, "the first readings");

        await storage.Store.AppendAsync(Readings(200, 99), default);
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal((130, 99), (storage.Forwarder!.ReadingsForwarded, storage.Forwarder.ReadingsWaiting));
        await storage.Store.AppendAsync(Readings(300, 1), default);
        await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 230, "a full request without the clock moving");

        await storage.Store.AppendAsync(Readings(400, 5), default);
        await AdvanceUntilAsync(time, () => storage.Forwarder!.ReadingsForwarded == 235, "the rest");
    }

    [Fact]
    public async Task What_waited_while_the_hub_was_down_is_sent_when_it_is_back()
    {
        await using (var storage = Open(new InfluxOptions { Url = "http://127.0.0.1:1", Database = _database }))
        {
            await storage.Store.AppendAsync(Readings(0, 700), default);
            await Eventually.TrueAsync(() => storage.Forwarder!.Failing, "an attempt has failed");
            Assert.Equal(700, storage.Forwarder!.ReadingsWaiting);
            Assert.NotNull(storage.Forwarder!.LastError);
        }

        await using (var storage = Open())
        {
            await storage.Store.AppendAsync(Readings(700, 10), default);
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 710, "all forwarded");
        }

        Assert.Equal(710, await CountAsync());
    }

    [Fact]
    public async Task A_crash_between_InfluxDBs_answer_and_the_cursor_duplicates_nothing()
    {
        await using (var storage = Open())
        {
            await storage.Store.AppendAsync(Readings(0, 50), default);
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 50, "all forwarded");
        }

        // As if the position had not been written.
        File.Delete(Path.Combine(_directory.Path, "influx-readings.position"));

        await using (var storage = Open())
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 50, "all forwarded again");
        Assert.Equal(50, await CountAsync());
    }

    [Fact]
    public async Task A_position_that_cannot_be_written_is_said_once_and_holds_up_nothing()
    {
        // A folder in its place: nobody can write there, and for root too.
        var position = Directory.CreateDirectory(Path.Combine(_directory.Path, "influx-readings.position"));
        await using (var storage = Open(limits: Some.QuickLimits with { ForwardPointsMax = 50 }))
        {
            await storage.Store.AppendAsync(Readings(0, 220), default);
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 220, "all forwarded");
            var state = storage.Forwarder!;
            Assert.Equal((0, true), (state.ReadingsWaiting, state.Failing));
            Assert.Contains(position.Name, state.LastError, StringComparison.Ordinal);
            Assert.Equal((1, 0), (_log.Count(4104), _log.Count(4101)));

            position.Delete();
            await storage.Store.AppendAsync(Readings(220, 1), default);
            await Eventually.TrueAsync(() => !storage.Forwarder!.Failing, "the position is written");
        }

        await using (var storage = Open())
        {
            await storage.Store.AppendAsync(Readings(221, 1), default);
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 1, "only what came since");
        }

        Assert.Equal(222, await CountAsync());
    }

    [Fact]
    public async Task What_InfluxDB_rejects_is_counted_and_does_not_stand_in_the_way()
    {
        using var client = new InfluxClient(influxd.Options(_database), TelemetryLimits.Default, TimeProvider.System);
        var foreign = new LineBatch();
        foreign.Add("readings", [], [Field.Text("value", "somebody else's idea of a reading")], InfluxPoints.ClampedUnixNs(Some.Time));
        await new InfluxBatchWriter(client, true).WriteAsync(foreign, default);

        await using var storage = Open();
        // The conflict is per shard, so a week later all is well.
        await storage.Store.AppendAsync([.. Readings(0, 10), .. Readings(0, 10).Select(reading => reading with { At = reading.At.AddDays(14) })], default);
        await Eventually.TrueAsync(() => storage.Forwarder!.PointsRejected == 10, "ten rejected");
        var state = storage.Forwarder!;
        Assert.Equal((10, 0, false), (state.ReadingsForwarded, state.ReadingsWaiting, state.Failing));
        Assert.Contains(_log.Lines, line => line.EventId == 4102 && line.Text.StartsWith("InfluxDB rejected 10 readings for good", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_line_protocol_cannot_say_is_counted_and_stays_readable_here()
    {
        await using var storage = Open();
        var odd = Some.Reading(device: "two\nlines");
        await storage.Store.AppendAsync([odd, Some.Reading()], default);
        await Eventually.TrueAsync(() => storage.Forwarder!.PointsRejected == 1 && storage.Forwarder.ReadingsForwarded == 1, "one rejected, one forwarded");
        Assert.Equal([odd], await storage.Store.LatestAsync("two\nlines", default));
    }

    [Fact]
    public async Task Trimming_does_not_touch_what_waits()
    {
        await using (var storage = Open(new InfluxOptions { Url = "http://127.0.0.1:1", Database = _database }))
        {
            await storage.Store.AppendAsync(Readings(0, 30), default);
            Assert.Equal(30, (await AllAsync(storage)).Count);
            Assert.Equal(30, await storage.Store.TidyAsync(Some.Time.AddDays(1), new() { Readings = TimeSpan.FromHours(1) }, default));
        }

        await using (var storage = Open())
        {
            await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 30, "all forwarded");
            // Gone from the file, so it is InfluxDB that answers.
            Assert.Equal(29, Assert.Single(await storage.Store.LatestAsync("vit-0012", default)).Value);
            Assert.Equal(30, (await AllAsync(storage)).Count);
        }
    }

    [Fact]
    public async Task Past_and_newest_are_read_as_one_series()
    {
        await using var storage = Open();
        await storage.Store.AppendAsync(Readings(0, 30), default);
        await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 30, "all forwarded");
        await storage.Store.TidyAsync(Some.Time.AddDays(1), new() { Readings = TimeSpan.FromHours(1) }, default);
        await storage.Store.AppendAsync(Readings(30, 10), default);
        Assert.Equal(Enumerable.Range(0, 40), (await AllAsync(storage)).Select(reading => (int)reading.Value));
        Assert.Equal([37, 38, 39], (await AllAsync(storage, limit: 3)).Select(reading => (int)reading.Value));
    }

    [Fact]
    public async Task Events_are_forwarded_by_cursor_and_none_twice()
    {
        var events = new ListedEvents();
        events.Add([.. Enumerable.Range(1, 250).Select(i => Some.Event(i))]);
        await using (var storage = Open(events: events, limits: Some.QuickLimits with { ForwardPointsMax = 100 }))
            await Eventually.TrueAsync(() => storage.Forwarder!.EventsForwarded == 250, "250 events");

        events.Add(Some.Event(251, "fall"));
        await using (var storage = Open(events: events))
            await Eventually.TrueAsync(() => storage.Forwarder!.EventsForwarded == 1, "one more");

        Assert.Equal(251, events.EventsRead);
        // All of one moment, one kind and one site: distinct all the same.
        Assert.Equal(251, await influxd.CountAsync(_database, "events", "device"));
    }

    [Fact]
    public async Task A_failing_source_of_events_holds_up_no_readings_and_heals()
    {
        var events = new ListedEvents { Fails = true };
        events.Add(Some.Event(1));
        await using var storage = Open(events: events);
        await storage.Store.AppendAsync(Readings(0, 10), default);
        await Eventually.TrueAsync(() => storage.Forwarder!.ReadingsForwarded == 10 && storage.Forwarder.Failing, "readings forwarded while events fail");
        Assert.Equal("the table is locked", storage.Forwarder!.LastError);

        events.Fails = false;
        await Eventually.TrueAsync(() => storage.Forwarder!.EventsForwarded == 1 && !storage.Forwarder.Failing, "events go on");
        Assert.Equal((1, 1), (_log.Count(4104), _log.Count(4101)));
    }

    [Fact]
    public void Options_that_are_not_valid_do_not_open() =>
        Assert.Contains("Influx Database is missing.", Assert.Throws<ArgumentException>(() => Open(new InfluxOptions { Url = "http://x" })).Message, StringComparison.Ordinal);

    private TelemetryStorage Open(InfluxOptions? options = null, ListedEvents? events = null, TelemetryLimits? limits = null, TimeProvider? time = null) =>
        TelemetryStorage.Open(_directory.Path, options ?? influxd.Options(_database), events, time ?? TimeProvider.System, _log, limits ?? Some.QuickLimits);

    private Task<long> CountAsync() => influxd.CountAsync(_database, "readings", "value");

    private static Reading[] Readings(int from, int count) => [.. Enumerable.Range(from, count).Select(i => Some.Reading(i, i))];

    private static Task<IReadOnlyList<Reading>> AllAsync(TelemetryStorage storage, int limit = 10_000) =>
        storage.Store.SeriesAsync("vit-0012", "heart_rate", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, limit, default);

    private static Task AdvanceUntilAsync(ManualTime time, Func<bool> condition, string what) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            return condition();
        },
        what);
}
