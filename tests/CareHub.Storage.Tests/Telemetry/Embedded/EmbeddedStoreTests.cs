using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Embedded;
using CareHub.Storage.Telemetry.Spool;
using CareHub.Storage.Tests.Telemetry.Support;
using Microsoft.Data.Sqlite;

namespace CareHub.Storage.Tests.Telemetry.Embedded;

public sealed class EmbeddedStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CollectingLogger _log = new();

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task What_was_appended_is_there_after_reopening()
    {
        await using (var storage = Open())
            await storage.Store.AppendAsync([Some.Reading(70), Some.Reading(71, 1)], default);
        await using (var storage = Open())
        {
            await storage.Store.AppendAsync([Some.Reading(72, 2)], default);
            Assert.Equal([70, 71, 72], (await AllAsync(storage)).Select(reading => reading.Value));
        }
    }

    [Fact]
    public async Task Readings_are_forgotten_by_whole_hours_in_steps_that_let_appends_pass()
    {
        var limits = TelemetryLimits.Default with { PackPointsPerStep = 7, TidySeriesPerStep = 3 };
        await using var storage = Open(limits);
        foreach (var device in Enumerable.Range(0, 10))
            await storage.Store.AppendAsync([.. Enumerable.Range(0, 20).Select(i => Some.Reading(i, i * 600, $"device-{device}"))], default);

        // A query waits for what was acknowledged before it; tidying takes what is in the file.
        Assert.Equal(20, (await AllAsync(storage, "device-9")).Count);

        // 3:04 and every ten minutes: six before 4:00, six before 5:00, six before 6:00, two after.
        Assert.Equal(0, await TidyAsync(storage, Some.Time.AddHours(3)));
        Assert.Equal((80L, 20L), (Scalar("SELECT sum(points) FROM batch"), Scalar("SELECT count(*) FROM block")));
        var tidy = storage.Store.TidyAsync(Some.Time.AddHours(3), Keep(TimeSpan.FromHours(1.5)), default);
        await storage.Store.AppendAsync([Some.Reading(1, 12_000)], default);
        Assert.Equal(10 * 6, await tidy);
        Assert.Equal(0, await storage.Store.TidyAsync(Some.Time.AddHours(3), Keep(TimeSpan.FromHours(1.5)), default));
        foreach (var device in Enumerable.Range(0, 10))
            Assert.Equal(Enumerable.Range(6, 14).Select(i => (double)i), (await AllAsync(storage, $"device-{device}")).Select(reading => reading.Value));
    }

    [Fact]
    public async Task What_is_summed_up_outlives_the_readings_level_by_level()
    {
        await using var storage = Open();
        await storage.Store.AppendAsync([.. Enumerable.Range(0, 20).Select(i => Some.Reading(60 + i, i * 600))], default);
        Assert.Equal(20, (await AllAsync(storage)).Count);
        var day = new DateTimeOffset(Some.Time.UtcDateTime.Date, TimeSpan.Zero);
        async Task<long> CountAsync(int minutes) => (await storage.Store.WindowsAsync("vit-0012", "heart_rate", day, day.AddDays(1), TimeSpan.FromMinutes(minutes), default)).Sum(window => window.Count);
        async Task<string> CountsAsync() => string.Join(' ', await Task.WhenAll(new[] { 1, 15, 60, 1_440 }.Select(CountAsync)));

        await storage.Store.TidyAsync(day.AddDays(2), Keep(TimeSpan.FromHours(1)), default);
        Assert.Empty(await AllAsync(storage));
        Assert.Equal("20 20 20 20", await CountsAsync());

        // A reading later than the horizon is not kept, and what is summed up stays as it was.
        await storage.Store.AppendAsync([Some.Reading(1, 5)], default);
        Assert.Equal("20 20 20 20", await CountsAsync());
        Assert.Equal(1, await storage.Store.TidyAsync(day.AddDays(2), Keep(TimeSpan.FromHours(1)), default));
        Assert.Equal("20 20 20 20", await CountsAsync());

        await storage.Store.TidyAsync(day.AddDays(2), Keep(TimeSpan.FromHours(1)) with { Minutes = TimeSpan.FromHours(1) }, default);
        Assert.Equal("0 20 20 20", await CountsAsync());
        await storage.Store.TidyAsync(day.AddDays(200), new TelemetryRetention() with { Quarters = TimeSpan.FromDays(1) }, default);
        Assert.Equal("0 0 20 20", await CountsAsync());
        await storage.Store.TidyAsync(day.AddDays(200), new TelemetryRetention() with { Hours = TimeSpan.FromDays(1) }, default);
        Assert.Equal("0 0 0 20", await CountsAsync());
    }

    [Fact]
    public async Task Readings_of_a_file_from_before_packing_are_packed()
    {
        await using (var storage = Open())
            await storage.Store.AppendAsync([Some.Reading(70), Some.Reading(71, 1)], default);
        MakeOld(3, "");
        await using (var storage = Open())
        {
            Assert.Equal(2, (await AllAsync(storage)).Count);
            Assert.Equal(0, await TidyAsync(storage, Some.Time.AddHours(3)));
            Assert.Equal(0L, Scalar("SELECT count(*) FROM point"));
            Assert.Equal([70, 71], (await AllAsync(storage)).Select(reading => reading.Value));
        }
    }

    [Fact]
    public async Task A_file_that_cannot_grow_keeps_readings_in_the_spool_and_room_again_heals_without_help()
    {
        // The file may not grow past its bound: to SQLite the same as a full disk (SQLITE_FULL).
        await using var storage = Open(TelemetryLimits.Default with { FileBytesMax = 512 * 1024, ApplyInterval = TimeSpan.FromMilliseconds(1), BackoffMin = TimeSpan.FromMilliseconds(20) });
        var kept = 0;
        while (_log.Count(4205) == 0)
        {
            await storage.Store.AppendAsync([.. Enumerable.Range(0, 500).Select(i => Some.Reading(i, kept + i))], default);
            kept += 500;
            await Eventually.TrueAsync(() => storage.SpoolState.NotApplied == 0 || _log.Count(4205) > 0, "applied, or refused");
        }

        Assert.Equal(500, storage.SpoolState.NotApplied);
        Assert.Equal(kept - 500, (await AllAsync(storage)).Count);
        // Packing alone makes room.
        Assert.Equal(0, await TidyAsync(storage, Some.Time.AddHours(20)));
        await Eventually.TrueAsync(() => storage.SpoolState.NotApplied == 0, "what waited is applied");
        Assert.Equal(kept, (await AllAsync(storage)).Count);
        Assert.Equal(1, _log.Count(4206));
    }

    [Fact]
    public async Task A_spool_that_cannot_be_read_is_said_and_read_when_it_can_be()
    {
        var time = new ManualTime(Some.Time);
        await using var storage = TelemetryStorage.Open(_directory.Path, null, null, time, _log, Some.QuickLimits);
        await storage.Spool.KeepAsync([Some.Reading()], device: null, default);
        var segment = Assert.Single(Directory.GetFiles(Path.Combine(_directory.Path, ReadingSpool.FolderName)));
        var aside = Path.Combine(_directory.Path, "aside");
        // A folder in its place: as a file that cannot be opened because too many are.
        File.Move(segment, aside);
        Directory.CreateDirectory(segment);
        Assert.Empty(await storage.Store.LatestAsync("vit-0012", default));
        await Eventually.TrueAsync(() => _log.Count(4205) == 1, "it is said");

        Directory.Delete(segment);
        File.Move(aside, segment);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(Some.QuickLimits.BackoffMin);
                return _log.Count(4206) == 1;
            },
            "it is read");
        Assert.Equal([Some.Reading()], await storage.Store.LatestAsync("vit-0012", default));
    }

    [Fact]
    public async Task One_callers_broken_batch_does_not_touch_the_others_of_its_group()
    {
        await using var storage = Open();
        var appends = Enumerable.Range(0, 50).Select(i => storage.Store.AppendAsync([Some.Reading(i, i)], default)).ToList();
        await Assert.ThrowsAsync<ArgumentException>(() => storage.Store.AppendAsync([Some.Reading(double.NaN)], default));
        await Task.WhenAll(appends);
        Assert.Equal(50, (await AllAsync(storage)).Count);
    }

    [Fact]
    public async Task Closing_finishes_what_callers_wait_for_and_refuses_what_comes_after()
    {
        var storage = Open();
        var appends = Enumerable.Range(0, 100).Select(i => storage.Store.AppendAsync([Some.Reading(i, i)], default)).ToList();
        await storage.DisposeAsync();
        await Task.WhenAll(appends);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => storage.Store.AppendAsync([Some.Reading()], default));
        Assert.Equal(100L, Scalar("SELECT sum(points) FROM batch"));
    }

    [Fact]
    public async Task A_file_of_an_older_version_is_upgraded_and_keeps_its_readings()
    {
        await using (var storage = Open())
            await storage.Store.AppendAsync([Some.Reading(70)], default);
        MakeOld(1, "DROP TABLE cursor;");

        await using (var storage = Open())
            Assert.Single(await AllAsync(storage));
        Assert.Equal((long)TelemetrySchema.Version, Scalar("PRAGMA user_version"));
        Assert.Contains(_log.Lines, line => line == (4000, $"telemetry.db upgraded from schema version 1 to {TelemetrySchema.Version}"));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_with_a_reason_and_not_touched()
    {
        await Open().DisposeAsync();
        Scalar("PRAGMA user_version = 99");
        var refusal = Assert.Throws<InvalidDataException>(() => Open());
        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(99L, Scalar("PRAGMA user_version"));
    }

    private static Task<long> TidyAsync(TelemetryStorage storage, DateTimeOffset now) => storage.Store.TidyAsync(now, TelemetryRetention.Default, default);

    private static TelemetryRetention Keep(TimeSpan readings) => new() { Readings = readings };

    private TelemetryStorage Open(TelemetryLimits? limits = null) =>
        TelemetryStorage.Open(_directory.Path, null, null, TimeProvider.System, _log, limits);

    private static Task<IReadOnlyList<Reading>> AllAsync(TelemetryStorage storage, string device = "vit-0012") =>
        storage.Store.SeriesAsync(device, "heart_rate", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, int.MaxValue, default);

    /// <summary>A file as an older version left it: readings of 70, 71 … a second apart are rows.</summary>
    private void MakeOld(int version, string more)
    {
        var at = UnixTicks.From(Some.Time);
        Scalar($"""
            WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < (SELECT sum(points) FROM batch))
            INSERT INTO point SELECT series.id, {at} + (i * 10000000), 70 + i FROM series, n;
            DROP TABLE batch; DROP TABLE fresh; DROP TABLE packed;
            DROP TABLE block; DROP TABLE rollup_minute; DROP TABLE rollup_quarter; DROP TABLE rollup_hour; DROP TABLE rollup_day; DROP TABLE horizon;
            {more} PRAGMA user_version = {version};
            """);
    }

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, TelemetryFile.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own text
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
