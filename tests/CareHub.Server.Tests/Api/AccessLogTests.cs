using CareHub.Server.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CareHub.Server.Tests.Api;

/// <summary>Who looked at whom is on record: once for each opening, however often the open page asks.</summary>
public sealed class AccessLogTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Theory]
    [InlineData("/api/v1/residents/r-1/readings/latest")]
    [InlineData($"/api/v1/devices/{TestWorld.Button}/readings/latest")]
    [InlineData($"/api/v1/devices/{TestWorld.Button}/trend?name=heart_rate")]
    [InlineData($"/api/v1/devices/{TestWorld.Button}/readings?name=heart_rate")]
    [InlineData($"/api/v1/devices/{TestWorld.Button}/readings.csv")]
    public async Task A_page_of_a_persons_readings_is_one_opening_until_it_is_left(string path)
    {
        await using var console = await _hub.ConsoleAsync();
        for (var poll = 0; poll < 50; poll++)
        {
            using var answer = await console.Http.GetAsync(path);
            Assert.True(answer.IsSuccessStatusCode);
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal([" r-1 operator"], Rows());

        _time.Advance(TimeSpan.FromMinutes(10));
        using var again = await console.Http.GetAsync(path);
        await using var north = await _hub.ConsoleAsync("north");
        using var other = await north.Http.GetAsync(path);
        Assert.Equal([" r-1 operator", " r-1 operator", " r-1 north"], Rows());
    }

    [Fact]
    public async Task A_card_is_one_opening_with_the_readings_that_it_shows()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await using var console = await _hub.ConsoleAsync();
        for (var look = 0; look < 3; look++)
        {
            await console.GetAsync("/api/v1/alarms/home-1.1");
            await console.GetAsync("/api/v1/residents/r-1/readings/latest");
        }

        Assert.Equal(["home-1.1 r-1 operator"], Rows());
    }

    [Fact]
    public async Task A_disk_that_takes_no_record_keeps_nobody_from_a_card()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Button);
        await device.SignalAsync("""{"id":"1","type":"button"}""");
        await using var console = await _hub.ConsoleAsync();
        Execute("CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(ABORT, 'disk full'); END");
        await console.GetAsync("/api/v1/alarms/home-1.1");
        Assert.Empty(Rows());

        Execute("DROP TRIGGER full");
        await console.GetAsync("/api/v1/alarms/home-1.1");
        Assert.Equal(["home-1.1 r-1 operator"], Rows());
    }

    [Fact]
    public async Task Who_may_not_look_is_not_on_record()
    {
        await using var south = await _hub.ConsoleAsync("south");
        using var answer = await south.Http.GetAsync("/api/v1/residents/r-1/readings/latest");
        Assert.Empty(Rows());
    }

    private void Execute(string sql)
    {
        using var context = _hub.OpenAlarms();
        context.Database.ExecuteSqlRaw(sql);
    }

    private List<string> Rows()
    {
        using var context = _hub.OpenAlarms();
        return [.. context.Access.OrderBy(row => row.Id).Select(row => $"{row.AlarmId} {row.ResidentId} {row.User}")];
    }
}
