using System.Text;
using CareHub.Core.Alarms;
using CareHub.Core.Signals;
using CareHub.Mqtt.Client;
using CareHub.Server.Jobs;
using CareHub.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Presence;

/// <summary>Promise 5: silence is an alarm. Time is in the test's hand.</summary>
public sealed class PresenceTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestHub _hub = null!;

    public async Task InitializeAsync() => _hub = await TestHub.StartAsync(_time);

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    private static MqttWill Will(string device) => new() { Topic = $"care/v1/{device}/status", Payload = Encoding.UTF8.GetBytes("""{"online":false}"""), Qos = 1, Retain = true };

    private Task SweepAsync() => ActivatorUtilities.CreateInstance<SupervisionSweep>(_hub.Services).SweepAsync();

    [Fact]
    public async Task A_connection_that_breaks_raises_after_ten_seconds_and_returns_with_the_device()
    {
        var device = await _hub.DeviceAsync(TestWorld.Smoke, will: Will(TestWorld.Smoke));
        await device.StatusAsync("""{"online":true}""");

        // Dropped without a DISCONNECT: the broker publishes the will.
        await device.DisposeAsync();
        await Eventually.True(() => _hub.OpenAlarms().Pending.Any(), "the will has been taken");
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(_hub.OpenAlarms().Alarms);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.True(() => _hub.OpenAlarms().Alarms.Any(), "the delay has passed");
        Assert.Equal((SignalKind.Offline, Priority.Medium, true), Facts());

        await using var back = await _hub.DeviceAsync(TestWorld.Smoke);
        await back.StatusAsync("""{"online":true}""");
        await Eventually.True(() => !Facts().Active, "the return is recorded");
        Assert.Null(_hub.OpenAlarms().Alarms.Single().ClosedAt);
    }

    private (SignalKind Kind, Priority Priority, bool Active) Facts()
    {
        var alarm = _hub.OpenAlarms().Alarms.Single();
        return (alarm.Kind, alarm.Priority, alarm.Active);
    }

    [Fact]
    public async Task A_delay_that_had_begun_survives_a_restart()
    {
        var device = await _hub.DeviceAsync(TestWorld.Smoke, will: Will(TestWorld.Smoke));
        await device.DisposeAsync();
        await Eventually.True(() => _hub.OpenAlarms().Pending.Any(), "the will has been taken");

        await _hub.RestartAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.True(() => _hub.OpenAlarms().Alarms.Any(), "the delay has passed");
        Assert.Empty(_hub.OpenAlarms().Pending);
    }

    [Fact]
    public async Task Silence_beyond_twice_the_declared_interval_raises_once()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Smoke);
        await device.StatusAsync("""{"online":true}""");

        _time.Advance(TimeSpan.FromSeconds(600));
        await SweepAsync();
        Assert.Empty(_hub.OpenAlarms().Alarms);

        _time.Advance(TimeSpan.FromSeconds(1));
        await SweepAsync();
        await SweepAsync();
        var alarm = _hub.OpenAlarms().Alarms.Single();
        Assert.Equal((SignalKind.Offline, 1), (alarm.Kind, alarm.Count));
        Assert.Equal("supervision", _hub.OpenAlarms().Timeline.Single().AuthorId);
    }

    [Fact]
    public async Task A_goodbye_that_could_not_be_recorded_counts_when_it_is_said_again()
    {
        await using (var device = await _hub.DeviceAsync(TestWorld.Smoke))
        {
            await device.StatusAsync("""{"online":true}""");
            _hub.Ledger.Fail(true);
            await Assert.ThrowsAnyAsync<IOException>(() => device.StatusAsync("""{"online":false}"""));
        }

        _hub.Ledger.Fail(false);
        await using var again = await _hub.DeviceAsync(TestWorld.Smoke);
        await again.StatusAsync("""{"online":false}""");

        Assert.Single(_hub.OpenAlarms().Pending);
    }

    [Fact]
    public async Task A_device_never_heard_is_not_missed()
    {
        _time.Advance(TimeSpan.FromDays(30));
        await SweepAsync();
        Assert.Empty(_hub.OpenAlarms().Alarms);
    }

    [Fact]
    public async Task A_fall_without_a_cancel_is_verified_after_twenty_seconds_and_one_with_it_is_closed()
    {
        await using var device = await _hub.DeviceAsync(TestWorld.Fall);
        await device.SignalAsync("""{"id":"1","type":"fall","confidence":0.93}""");
        _time.Advance(TimeSpan.FromSeconds(20));
        await Eventually.True(() => _hub.OpenAlarms().Timeline.Any(row => row.Event == AlarmEvent.Verified), "the window has passed");
        Assert.Null(_hub.OpenAlarms().Alarms.Single().ClosedAt);

        await using var other = await _hub.DeviceAsync(TestWorld.Button);
        await other.SignalAsync("""{"id":"2","type":"fall"}""");
        _time.Advance(TimeSpan.FromSeconds(5));
        await other.SignalAsync("""{"id":"3","type":"cancel"}""");
        var cancelled = _hub.OpenAlarms().Alarms.Single(alarm => alarm.DeviceId == TestWorld.Button);
        Assert.Equal(Disposition.False, cancelled.Disposition);
    }
}
