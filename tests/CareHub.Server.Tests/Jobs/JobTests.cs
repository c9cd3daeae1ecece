using CareHub.Core.Alarms;
using CareHub.Server.Jobs;
using CareHub.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Jobs;

public sealed class JobTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time, options => options.Retention.ReadingsHours = 24);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task Retention_forgets_old_readings_and_quarantine_and_nothing_else()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.PublishAsync($"care/v1/{TestWorld.Button}/reading", """{"values":{"battery":88}}"""u8.ToArray(), 1);
        await device.SignalAsync("not json");
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await using var console = await _hub.ConsoleAsync("supervisor");
        Assert.Equal(88, (double)Assert.Single((await console.GetAsync($"/api/v1/devices/{TestWorld.Button}/readings/latest")).AsArray())!["value"]!);

        _time.Advance(TimeSpan.FromHours(25));
        await ActivatorUtilities.CreateInstance<RetentionJob>(_hub.Services).TrimAsync(CancellationToken.None);
        await using var later = await _hub.ConsoleAsync("supervisor"); // the session of yesterday has ended
        Assert.Empty((await later.GetAsync($"/api/v1/devices/{TestWorld.Button}/readings?name=battery&from=2026-11-01T00:00:00Z")).AsArray());
        Assert.Single(_hub.OpenAlarms().Quarantine);

        _time.Advance(TimeSpan.FromDays(30));
        await ActivatorUtilities.CreateInstance<RetentionJob>(_hub.Services).TrimAsync(CancellationToken.None);
        Assert.Empty(_hub.OpenAlarms().Quarantine);
        Assert.Single(_hub.OpenAlarms().Signals, row => row.Kind == Core.Signals.SignalKind.Button);
        Assert.Single(_hub.OpenAlarms().Alarms, row => row.Kind == Core.Signals.SignalKind.Button);
    }

    [Fact]
    public async Task The_daily_summary_measures_answers_by_region_and_counts_the_unanswered()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await using var other = await _hub.DeviceAsync(TestWorld.OtherButton);
        await using var console = await _hub.ConsoleAsync("supervisor");
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await other.SignalAsync("""{"id":"1","type":"button"}""");
        _time.Advance(TimeSpan.FromSeconds(90));
        await console.PostAsync("/api/v1/alarms/home-1.1/acknowledge", new { version = 1 });

        var job = ActivatorUtilities.CreateInstance<DailySummaryJob>(_hub.Services);
        await job.SummariseAsync(new DateOnly(2026, 11, 22), CancellationToken.None);
        await job.SummariseAsync(new DateOnly(2026, 11, 22), CancellationToken.None);

        var summaries = (await console.GetAsync("/api/v1/summaries")).AsArray();
        var city = Assert.Single(summaries, row => (string)row!["regionId"]! == "city")!;
        Assert.Equal((2, 0, 1), ((int)city["raised"]!, (int)city["answeredIn60S"]!, (int)city["answeredIn180S"]!));
        Assert.Equal(90_000, (long)city["acknowledgeP50Ms"]!);
        var south = Assert.Single(summaries, row => (string)row!["regionId"]! == "south")!;
        Assert.Equal((1, 0), ((int)south["raised"]!, (int)south["answeredIn180S"]!));
        Assert.Equal(Words(Priority.Critical), (string)south["priority"]!);
    }

    private static string Words(Priority priority) => Core.Words<Priority>.Of(priority);
}
