using CareHub.Mqtt.Packets;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Fleet;
using CareHub.Simulator.Report;
using CareHub.Simulator.Scenarios;
using CareHub.Simulator.Tests.Support;

namespace CareHub.Simulator.Tests.Fleet;

/// <summary>The fleet over a hub without a network, tick by tick in virtual time.</summary>
public sealed class DeviceFleetTests
{
    private readonly ManualTime _time = new(Some.Start);
    private readonly FakeLinks _hub = new();

    [Fact]
    public void A_device_comes_online_with_a_retained_status_and_then_tells()
    {
        var fleet = Fleet(1, Some.Nothing);
        Run(fleet, 1);
        var status = Assert.Single(_hub.Publishes);
        Assert.Equal((1, true), (status.Qos, status.Retain));
        Assert.StartsWith("""{"online":true,"firmware":""", status.Payload, StringComparison.Ordinal);

        Run(fleet, 120);
        Assert.Equal(3, _hub.Publishes.Count(publish => publish.Retain));
        Assert.Equal(1, fleet.Ledger.DevicesOnline);
    }

    [Fact]
    public void Connections_come_at_a_bounded_rate()
    {
        var fleet = Fleet(500, Some.Nothing, FleetLimits.Default with { ConnectsPerSecond = 100 });
        Run(fleet, 1);
        Assert.InRange(fleet.Ledger.DevicesOnline, 90, 112);
        Run(fleet, 2);
        Assert.InRange(fleet.Ledger.DevicesOnline, 290, 312);
        Run(fleet, 3);
        Assert.Equal(500, fleet.Ledger.DevicesOnline);
    }

    [Fact]
    public void Handshakes_are_bounded_too_when_the_hub_is_slow()
    {
        _hub.OnConnect = () => null;
        var fleet = Fleet(500, Some.Nothing, FleetLimits.Default with { ConnectingMax = 30, ConnectTimeout = TimeSpan.FromSeconds(5) });
        Run(fleet, 4);
        Assert.Equal(30, _hub.Links.Count);
        Run(fleet, 3);
        Assert.Equal(60, _hub.Links.Count);
        Assert.Equal(30, fleet.Ledger.ConnectFailures["no answer in time"]);
    }

    [Fact]
    public void A_refused_device_tries_again_ever_more_rarely_and_the_reason_is_counted()
    {
        _hub.OnConnect = () => ReasonCode.BadUserNameOrPassword;
        var fleet = Fleet(1, Some.Nothing);
        Run(fleet, 3_600, step: 0.1);
        var attempts = fleet.Ledger.ConnectFailures[nameof(ReasonCode.BadUserNameOrPassword)];
        // At least 15 s and at most 30 s apart, once the pauses have grown.
        Assert.InRange(attempts, 3_600 / 30, (3_600 / 15) + 10);
        Assert.Equal(0, fleet.Ledger.DevicesOnline);
    }

    [Fact]
    public void What_is_not_acknowledged_is_sent_again_with_the_same_bytes()
    {
        _hub.OnPublish = publish => publish.Topic.EndsWith("/signal", StringComparison.Ordinal) ? null : ReasonCode.Success;
        var fleet = Fleet(1, Some.Once(5, DeviceKinds.EmergencyButton, Act.Alarm));
        Run(fleet, 6);
        var first = Assert.Single(_hub.Signals);
        Assert.Equal(1, fleet.Ledger.Signals.InFlight);

        _hub.Open.Single().Close();
        Run(fleet, 2);
        _hub.Open.Single().Close();
        _hub.OnPublish = _ => ReasonCode.Success;
        Run(fleet, 4);

        Assert.Equal(3, _hub.Signals.Count(signal => signal.Payload == first.Payload));
        Assert.DoesNotContain("buffered", first.Payload, StringComparison.Ordinal);
        var signals = fleet.Ledger.Signals;
        Assert.Equal((0, 0, 2, 2), (signals.Unacknowledged, signals.InFlight, signals.SentAgain, fleet.Ledger.LinksLost));
    }

    [Fact]
    public void An_offline_spell_breaks_the_link_without_a_goodbye_and_signals_of_it_come_later_marked_as_buffered()
    {
        var scenario = Some.Nothing with
        {
            Opening =
            [
                new OpeningAct(TimeSpan.FromSeconds(5), DeviceKinds.EmergencyButton, Act.LinkLost),
                new OpeningAct(TimeSpan.FromSeconds(8), DeviceKinds.EmergencyButton, Act.Alarm),
            ],
        };
        var fleet = Fleet(1, scenario);
        Run(fleet, 10);
        Assert.False(Assert.Single(_hub.Links).SaidGoodbye);
        Assert.Empty(_hub.Open);
        Assert.Empty(_hub.Signals);

        Run(fleet, 120);
        var signal = _hub.Signals.First();
        Assert.Contains("\"at\":\"2026-11-22T03:04:13.000Z\"", signal.Payload, StringComparison.Ordinal);
        Assert.Contains("\"buffered\":true", signal.Payload, StringComparison.Ordinal);
        Assert.Equal(0, fleet.Ledger.Signals.Unacknowledged);
        Assert.Equal(0, fleet.Ledger.LinksLost);
    }

    [Fact]
    public void Samples_of_an_offline_spell_come_together()
    {
        _hub.OnConnect = () => ReasonCode.ServerUnavailable;
        var fleet = new DeviceFleet([Some.Identity(DeviceKinds.VitalMonitor)], Some.Nothing, Options(), _hub, _time);
        Run(fleet, 300);
        _hub.OnConnect = () => ReasonCode.Success;
        Run(fleet, 60);
        var readings = _hub.Publishes.First(publish => publish.Topic.EndsWith("/reading", StringComparison.Ordinal));
        Assert.StartsWith("[{\"at\":", readings.Payload, StringComparison.Ordinal);
        Assert.InRange(fleet.Ledger.Readings.Born, 35, 36);
        Assert.Equal(0, fleet.Ledger.Readings.Unacknowledged);
    }

    [Fact]
    public void A_device_has_few_messages_in_flight_and_signals_go_first()
    {
        _hub.OnConnect = () => ReasonCode.ServerUnavailable;
        _hub.OnPublish = _ => null;
        var opening = Enumerable.Range(0, 20).Select(i => new OpeningAct(TimeSpan.FromSeconds(1 + i), DeviceKinds.EmergencyButton, Act.Alarm)).ToList();
        var fleet = Fleet(1, Some.Nothing with { Opening = opening }, FleetLimits.Default with { InFlightMax = 3 });
        Run(fleet, 400);
        _hub.OnConnect = () => ReasonCode.Success;
        Run(fleet, 60);
        Assert.Equal(3, _hub.Publishes.Count);
        Assert.Equal(3, _hub.Signals.Count());

        _hub.OnPublish = _ => ReasonCode.Success;
        foreach (var publish in _hub.Publishes.ToList())
            publish.Acknowledge();
        Run(fleet, 1);
        Assert.Equal(0, fleet.Ledger.Signals.Unacknowledged);
        var topics = _hub.Publishes.Select(publish => publish.Topic.Split('/')[^1]).ToList();
        Assert.True(topics.LastIndexOf("signal") < topics.IndexOf("status"));
    }

    [Fact]
    public void A_devices_memory_is_bounded_and_what_it_forgets_is_counted()
    {
        _hub.OnConnect = () => ReasonCode.ServerUnavailable;
        var opening = Enumerable.Range(0, 20).Select(i => new OpeningAct(TimeSpan.FromSeconds(1 + i), DeviceKinds.EmergencyButton, Act.Alarm)).ToList();
        var fleet = Fleet(1, Some.Nothing with { Opening = opening }, FleetLimits.Default with { SignalsKeptMax = 5 });
        Run(fleet, 60);
        var signals = fleet.Ledger.Signals;
        Assert.True(signals.Born >= 20);
        Assert.Equal((signals.Born - 5, 5), (signals.Overwritten, signals.Unacknowledged));
    }

    [Fact]
    public async Task A_refused_signal_is_counted_by_reason_and_not_sent_again()
    {
        _hub.OnPublish = publish => publish.Topic.EndsWith("/signal", StringComparison.Ordinal) ? ReasonCode.NotAuthorized : ReasonCode.Success;
        var fleet = Fleet(1, Some.Once(5, DeviceKinds.SmokeDetector, Act.Alarm), kind: DeviceKinds.SmokeDetector);
        Run(fleet, 30);
        Assert.Single(_hub.Signals);
        Assert.Equal(1, fleet.Ledger.Signals.Refused[ReasonCode.NotAuthorized]);
        await fleet.EndAsync();
        Assert.False(RunReport.AllAcknowledged(fleet.Ledger));
        Assert.Contains("refused signals: 1 with 0x87 NotAuthorized", RunReport.Summary(fleet.Ledger, 1, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task The_end_brings_back_who_is_offline_and_waits_for_what_is_left()
    {
        var scenario = Some.Nothing with
        {
            Opening =
            [
                new OpeningAct(TimeSpan.FromSeconds(5), DeviceKinds.EmergencyButton, Act.LinkLost),
                new OpeningAct(TimeSpan.FromSeconds(6), DeviceKinds.EmergencyButton, Act.Alarm),
            ],
        };
        var fleet = Fleet(1, scenario);
        Run(fleet, 7);
        Assert.False(fleet.IsDrained);
        fleet.BeginEnd();
        Run(fleet, 1);
        Assert.True(fleet.IsDrained);
        await fleet.EndAsync();
        Assert.True(_hub.Links[^1].SaidGoodbye);
        Assert.True(RunReport.AllAcknowledged(fleet.Ledger));
        Assert.Equal("everything was acknowledged", RunReport.Summary(fleet.Ledger, 1, TimeSpan.FromSeconds(8)).Last());
    }

    [Fact]
    public async Task A_device_that_never_came_online_is_a_failed_run()
    {
        _hub.OnConnect = () => ReasonCode.NotAuthorized;
        var fleet = Fleet(2, Some.Nothing);
        Run(fleet, 1);
        await fleet.EndAsync();
        Assert.False(RunReport.AllAcknowledged(fleet.Ledger));
        Assert.Contains("never online: 2 devices", RunReport.Summary(fleet.Ledger, 2, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_faster_day_is_the_same_day_with_our_time_on_the_wire()
    {
        string[] Types(double speed, double seconds)
        {
            var hub = new FakeLinks();
            var time = new ManualTime(Some.Start);
            var fleet = new DeviceFleet(DeviceList.MadeUp(300), Scenario.Day, Options() with { Speed = speed }, hub, time);
            RunOn(time, fleet, seconds);
            Assert.All(hub.Signals, signal => Assert.Contains("\"at\":\"2026-11-22T03:", signal.Payload, StringComparison.Ordinal));
            return [.. hub.Signals.Select(signal => $"{signal.Topic} {signal.Payload.Split("\"type\":\"")[1].Split('"')[0]}").Order(StringComparer.Ordinal)];
        }

        var slow = Types(1, 1_200);
        Assert.True(slow.Length > 10);
        Assert.Equal(slow, Types(10, 120));
    }

    [Fact]
    public void A_storm_over_a_hub_that_comes_and_goes_adds_up()
    {
        var random = new Random(1);
        _hub.OnPublish = _ => random.Next(10) switch { 0 => null, _ => ReasonCode.Success };
        var fleet = new DeviceFleet(DeviceList.MadeUp(300), Scenario.Storm, Options(), _hub, _time);
        for (var i = 0; i < 20; i++)
        {
            Run(fleet, 5, step: 0.05);
            foreach (var link in _hub.Open.Where(_ => random.Next(3) == 0).ToList())
                link.Close();
        }

        _hub.OnPublish = _ => ReasonCode.Success;
        foreach (var link in _hub.Open.ToList())
            link.Close();
        fleet.BeginEnd();
        Run(fleet, 15, step: 0.05);
        Assert.True(fleet.IsDrained);
        var signals = fleet.Ledger.Signals;
        Assert.True(signals.SentAgain > 0);
        Assert.Equal((0, 0, signals.Born), (signals.Unacknowledged, signals.InFlight, signals.Acknowledged));
        Assert.Equal(signals.Born, _hub.Signals.Select(signal => signal.Payload).Distinct().Count());
        Assert.Equal(0, fleet.Ledger.Readings.Unacknowledged);
    }

    private static FleetOptions Options() => new(Seed: 1, Speed: 1, RunId: "test");

    private DeviceFleet Fleet(int devices, Scenario scenario, FleetLimits? limits = null, string kind = DeviceKinds.EmergencyButton) =>
        new([.. Enumerable.Range(1, devices).Select(i => Some.Identity(kind, i))], scenario, Options(), _hub, _time, limits);

    private void Run(DeviceFleet fleet, double seconds, double step = 0.02) => RunOn(_time, fleet, seconds, step);

    private static void RunOn(ManualTime time, DeviceFleet fleet, double seconds, double step = 0.02)
    {
        // Under xunit's context continuations would come from other threads; without one they run at once.
        SynchronizationContext.SetSynchronizationContext(null);
        for (var i = 0; i < seconds / step; i++)
        {
            time.Advance(TimeSpan.FromSeconds(step));
            fleet.Tick();
        }
    }
}
