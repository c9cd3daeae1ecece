using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;
using CareHub.Storage.Telemetry.Spool;
using CareHub.Storage.Tests.Telemetry.Support;

namespace CareHub.Storage.Tests.Telemetry.Spool;

public sealed class ReadingSpoolTests : IAsyncLifetime
{
    private static readonly TelemetryLimits Quick = TelemetryLimits.Default with { SpoolRetry = TimeSpan.FromMilliseconds(1) };

    private readonly TemporaryDirectory _directory = new();
    private readonly CollectingLogger _log = new();
    private readonly FaultyDisk _disk = new();
    private ReadingSpool? _spool;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_spool is not null)
            await _spool.DisposeAsync();
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task What_is_kept_is_there_after_reopening_exactly_and_in_order()
    {
        Open();
        Reading[] readings = [Some.Reading(36.6), Some.Reading(-0.1, 1, "另一个 device", "spo2"), Some.Reading(double.MaxValue, -1e7), Some.Reading(88, 2, name: "battery")];
        await _spool!.KeepAsync(readings, device: null, default);
        await ReopenAsync();
        await _spool!.KeepAsync([Some.Reading(1, 3)], device: null, default);

        var consumer = _spool.Follow(default);
        Assert.Equal([.. readings[..3], Some.Reading(1, 3), readings[3]], Read(consumer, 100));
        Assert.Equal((new SpoolPosition(4, 1), new SpoolPosition(4, 1)), (_spool.End, Position(consumer)));
    }

    [Fact]
    public async Task A_consumer_goes_on_where_it_was_also_within_a_commit()
    {
        Open();
        await KeepAsync(0, 5_000);
        var consumer = _spool!.Follow(default);
        Assert.Equal(Enumerable.Range(0, 1_234), Values(Read(consumer, 1_234)));
        var position = Position(consumer);
        await KeepAsync(5_000, 10);
        Assert.Equal(Enumerable.Range(1_234, 3_776), Values(Read(consumer, 10_000)));
        Assert.Equal(Enumerable.Range(1_234, 3_776), Values(Read(_spool.Follow(position), 10_000)));
        await ReopenAsync();
        Assert.Equal(Enumerable.Range(1_234, 3_776), Values(Read(_spool!.Follow(position), 10_000)));
    }

    [Fact]
    public async Task What_stands_behind_all_vital_readings_has_waited_too()
    {
        var time = new ManualTime(Some.Time);
        Open(time: time);
        await _spool!.KeepAsync([Some.Reading(88, name: "battery")], device: null, default);
        time.Advance(TimeSpan.FromHours(1));
        await KeepAsync(0, 20);
        var consumer = _spool.Follow(default);
        for (var batch = 0; batch < 2; batch++)
        {
            Assert.Equal(10, Read(consumer, 10).Count);
            Assert.Equal(Some.Time.ToUnixTimeMilliseconds(), consumer.OldestMs);
            consumer.Confirm(Position(consumer));
        }

        Assert.Equal("battery", Assert.Single(Read(consumer, 10)).Name);
    }

    [Fact]
    public async Task Places_of_devices_go_along_and_change_with_the_registry()
    {
        var tags = new ListedTags { ["vit-0012"] = new("vital_monitor", "home-12", "hz-gs") };
        Open(tags: tags);
        await KeepAsync(0, 1);
        tags.Replace("vit-0012", new("vital_monitor", "home-13", "hz-xh"));
        await KeepAsync(1, 1);
        var taken = new List<SpoolReading>();
        _spool!.Follow(default).Read(taken, 10);
        Assert.Equal([new SeriesTags("vital_monitor", "home-12", "hz-gs"), new SeriesTags("vital_monitor", "home-13", "hz-xh")], taken.Select(each => each.Series.Tags));
    }

    [Fact]
    public async Task What_every_consumer_has_confirmed_is_deleted_and_nothing_else()
    {
        Open(Quick with { SpoolBytesMax = 1 << 20, SpoolSegmentBytesMax = 4_096 });
        var (quick, slow) = (_spool!.Follow(default), _spool.Follow(default));
        for (var i = 0; i < 20; i++)
            await KeepAsync(i * 100, 100);
        var files = Files();
        Assert.InRange(files, 5, 20);

        Read(quick, 10_000);
        quick.Confirm(Position(quick));
        Assert.Equal(files, Files());
        Read(slow, 1_000);
        slow.Confirm(Position(slow));
        Assert.InRange(Files(), (files / 2) - 1, (files / 2) + 1);
        Assert.Equal(Enumerable.Range(1_000, 1_000), Values(Read(slow, 10_000)));
        slow.Confirm(Position(slow));
        // The newest is left to grow.
        Assert.Equal(1, Files());
        await ReopenAsync(Quick with { SpoolBytesMax = 1 << 20, SpoolSegmentBytesMax = 4_096 });
        await KeepAsync(2_000, 1);
        Assert.Equal([2_000], Values(Read(_spool!.Follow(new SpoolPosition(2_000, 0)), 10)));
    }

    [Fact]
    public async Task A_write_that_fails_half_way_fails_its_callers_and_leaves_nothing_behind()
    {
        Open();
        await KeepAsync(0, 10);
        foreach (var torn in new[] { 0, 1, 31, 33, 100 })
        {
            _disk.TornAfter = torn;
            await Assert.ThrowsAsync<IOException>(() => KeepAsync(-1, 50));
            Assert.True(_spool!.State(0).Failing);
        }

        _disk.TornAfter = -1;
        await KeepAsync(10, 10);
        Assert.False(_spool!.State(0).Failing);
        Assert.Equal(Enumerable.Range(0, 20), Values(Read(_spool.Follow(default), 1_000)));
        await ReopenAsync();
        Assert.Equal(Enumerable.Range(0, 20), Values(Read(_spool!.Follow(default), 1_000)));
        Assert.Equal((1, 1, 0), (_log.Count(4200), _log.Count(4201), _log.Count(4203)));
    }

    [Fact]
    public async Task A_sync_that_failed_is_never_believed_afterwards()
    {
        Open();
        var consumer = _spool!.Follow(default);
        await KeepAsync(0, 10);
        _disk.SyncFails = true;
        await Assert.ThrowsAsync<IOException>(() => KeepAsync(-1, 10));
        Assert.Equal(Enumerable.Range(0, 10), Values(Read(consumer, 1_000)));
        _disk.SyncFails = false;
        await KeepAsync(10, 10);
        Assert.Equal(Enumerable.Range(10, 10), Values(Read(consumer, 1_000)));
        // A new file: what the kernel thinks of the pages of the old one is not known.
        Assert.Equal(2, Files());
        await ReopenAsync();
        Assert.Equal(Enumerable.Range(0, 20), Values(Read(_spool!.Follow(default), 1_000)));
    }

    [Fact]
    public async Task A_tail_torn_at_any_byte_costs_only_what_was_not_acknowledged()
    {
        Open();
        await KeepAsync(0, 3);
        await KeepAsync(3, 3);
        await _spool!.DisposeAsync();
        _spool = null;
        var file = Assert.Single(Directory.GetFiles(Folder));
        var whole = await File.ReadAllBytesAsync(file);
        var first = whole.AsSpan(40).IndexOf("CHF1"u8) + 40;
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(file, whole[..length]);
            Open();
            await KeepAsync(100, 1);
            Assert.Equal(length < first ? [100] : [0, 1, 2, 100], Values(Read(_spool!.Follow(default), 10)));
            await _spool!.DisposeAsync();
            Array.ForEach(Directory.GetFiles(Folder), File.Delete);
        }

        _spool = null;
        Assert.InRange(_log.Count(4202), whole.Length - 3, whole.Length);
    }

    [Fact]
    public async Task Damage_in_the_middle_costs_the_commits_it_hit_and_is_said()
    {
        Open();
        for (var i = 0; i < 10; i++)
            await KeepAsync(i * 10, 10);
        await _spool!.DisposeAsync();
        _spool = null;
        var file = Assert.Single(Directory.GetFiles(Folder));
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 0x40;
        await File.WriteAllBytesAsync(file, bytes);

        Open();
        var left = Values(Read(_spool!.Follow(default), 1_000)).ToList();
        Assert.Equal(90, left.Count);
        Assert.Equal(left.Order(), left);
        Assert.Equal(1, _log.Count(4203));
        await KeepAsync(100, 1);
        Assert.Equal(100, Values(Read(_spool.Follow(new SpoolPosition(100, 0)), 10)).Single());
    }

    [Fact]
    public async Task A_segment_that_somebody_deleted_is_skipped_and_said()
    {
        var limits = Quick with { SpoolBytesMax = 1 << 20, SpoolSegmentBytesMax = 4_096 };
        Open(limits);
        for (var i = 0; i < 10; i++)
            await KeepAsync(i * 100, 100);
        File.Delete(Directory.GetFiles(Folder).Order(StringComparer.Ordinal).Skip(1).First());
        var left = Values(Read(_spool!.Follow(default), 10_000)).ToList();
        Assert.Equal((0, 999), (left[0], left[^1]));
        Assert.InRange(left.Count, 500, 900);
        Assert.Equal(1, _log.Count(4203));
    }

    [Fact]
    public async Task Series_with_the_longest_names_come_back_as_they_were()
    {
        Open();
        var readings = Enumerable.Range(0, 5_000).Select(i => Some.Reading(i, i, device: $"{i}{new string('杭', 500)}", name: new string('长', 512))).ToArray();
        await _spool!.KeepAsync(readings, device: null, default);
        Assert.Equal(readings, Read(_spool.Follow(default), 10_000));
        Assert.Equal(0, _log.Count(4203));
    }

    [Theory]
    [InlineData("battery")]
    [InlineData("co2")]
    [InlineData("co2_ppm")]
    public async Task At_the_quota_low_value_goes_first_then_the_oldest_and_it_is_counted(string lowValue)
    {
        Open(Quick with { SpoolBytesMax = 64 * 1024 });
        var consumer = _spool!.Follow(default);
        for (var i = 0; i < 20; i++)
        {
            await KeepAsync(i * 100, 100);
            await KeepAsync(i * 100, 100, lowValue);
        }

        // Vital readings alone are some 34 kB: all of them are there, and of the others the newest.
        var taken = new List<SpoolReading>();
        consumer.Read(taken, 10_000);
        Assert.Equal(Enumerable.Range(0, 2_000), taken.Where(each => each.Series.Lane == SpoolLane.Vital).Select(each => (int)each.Value));
        var low = taken.Where(each => each.Series.Lane == SpoolLane.Low).Select(each => (int)each.Value).ToList();
        Assert.Equal(Enumerable.Range(2_000 - low.Count, low.Count), low);
        Assert.InRange(low.Count, 100, 1_900);
        Assert.Equal(taken.Count, consumer.Waiting);
        var state = _spool.State(0);
        Assert.Equal((2_000 - low.Count, consumer.Shed, true), (state.Shed, state.Shed, state.LastShedAt is not null));
        Assert.InRange(state.Bytes, 1, state.BytesMax);

        for (var i = 20; i < 60; i++)
            await KeepAsync(i * 100, 100);
        var vital = Values(Read(_spool.Follow(default), 10_000)).ToList();
        vital.RemoveAll(value => value < 2_000 && !vital.Contains(value + 1));
        Assert.Equal(5_999, vital.Max());
        Assert.True(_spool.State(0).Shed > state.Shed);
        Assert.InRange(_spool.Bytes, 1, 64 * 1024);
        Assert.All(_log.Lines.Where(line => line.EventId == 4103), line => Assert.Contains("at its quota", line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Numbers_are_not_used_twice_when_the_files_are_gone()
    {
        Open();
        await KeepAsync(0, 100);
        var end = _spool!.End;
        await _spool.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        Open(reached: end);
        await KeepAsync(100, 1);
        Assert.Equal([100], Values(Read(_spool!.Follow(end), 10)));
    }

    [Fact]
    public async Task Too_much_at_once_is_shed_without_a_promise_and_waits_with_one()
    {
        Open(Quick with { SpoolQueuedReadingsMax = 100, SpoolRetry = TimeSpan.FromMilliseconds(200) });
        _disk.SyncFails = true;
        await Assert.ThrowsAsync<IOException>(() => KeepAsync(0, 1));
        // The writer pauses after a failure; what comes meanwhile gathers.
        Assert.True(_spool!.TryAccept(Readings(0, 100), device: null));
        Assert.False(_spool.TryAccept(Readings(0, 1), device: null));
        var waiting = KeepAsync(500, 100);
        Assert.Equal((1, 100), (_spool.Refused, _spool.Queued));
        Assert.False(waiting.IsCompleted);
        _disk.SyncFails = false;
        await waiting;
        Assert.Equal(500, Values(Read(_spool.Follow(default), 1_000)).TakeLast(100).First());
    }

    [Fact]
    public async Task A_copy_of_the_folder_at_any_moment_holds_what_was_acknowledged_by_then()
    {
        Open(Quick with { SpoolSegmentBytesMax = 8_192, SpoolBytesMax = 1 << 24 });
        var acknowledged = -1;
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await KeepAsync(i, 1);
                Volatile.Write(ref acknowledged, i);
            }
        });
        for (var round = 0; round < 20; round++)
        {
            var seen = Volatile.Read(ref acknowledged);
            await Eventually.TrueAsync(() => Volatile.Read(ref acknowledged) > seen + 20, "the writer goes on");
            using var copy = new TemporaryDirectory();
            var known = Volatile.Read(ref acknowledged);
            Directory.CreateDirectory(Path.Combine(copy.Path, ReadingSpool.FolderName));
            foreach (var file in Directory.GetFiles(Folder).Order(StringComparer.Ordinal))
                await CopyAsync(file, Path.Combine(copy.Path, ReadingSpool.FolderName, Path.GetFileName(file)));
            await using var opened = ReadingSpool.Open(copy.Path, default, new SeriesBook(ReadingClasses.Default, null), Quick, TimeProvider.System, _log);
            var values = Values(Read(opened.Follow(default), 1_000_000)).ToList();
            Assert.Equal(Enumerable.Range(0, values.Count), values);
            Assert.True(values.Count > known, $"{known} were acknowledged, the copy holds {values.Count}");
        }

        await stop.CancelAsync();
        await writing;
    }

    private static async Task CopyAsync(string from, string to)
    {
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var target = File.Create(to);
        await source.CopyToAsync(target);
    }

    private string Folder => Path.Combine(_directory.Path, ReadingSpool.FolderName);

    private void Open(TelemetryLimits? limits = null, SpoolPosition reached = default, IDeviceTags? tags = null, TimeProvider? time = null) =>
        _spool = ReadingSpool.Open(_directory.Path, reached, new SeriesBook(ReadingClasses.Default, tags), limits ?? Quick, time ?? TimeProvider.System, _log, _disk);

    private async Task ReopenAsync(TelemetryLimits? limits = null)
    {
        await _spool!.DisposeAsync();
        Open(limits);
    }

    private Task KeepAsync(int from, int count, string name = "heart_rate") => _spool!.KeepAsync(Readings(from, count, name), device: null, default);

    private static Reading[] Readings(int from, int count, string name = "heart_rate") => [.. Enumerable.Range(from, count).Select(i => Some.Reading(i, i, name: name))];

    private int Files() => Directory.GetFiles(Folder).Length;

    private static List<Reading> Read(SpoolConsumer consumer, int max)
    {
        var taken = new List<SpoolReading>();
        consumer.Read(taken, max);
        return [.. taken.Select(each => new Reading(each.Series.Device, each.Series.Name, each.Value, CareHub.Storage.Telemetry.Embedded.UnixTicks.ToTime(each.AtTicks)))];
    }

    private static SpoolPosition Position(SpoolConsumer consumer) => consumer.Read([], 0);

    private static IEnumerable<int> Values(IEnumerable<Reading> readings) => readings.Select(reading => (int)reading.Value);

    private sealed class ListedTags : Dictionary<string, SeriesTags>, IDeviceTags
    {
        public object Version { get; private set; } = new();

        public void Replace(string device, SeriesTags tags)
        {
            this[device] = tags;
            Version = new object();
        }

        public SeriesTags Of(string device) => this.GetValueOrDefault(device);

        public string? RegionOf(string site) => null;
    }
}
