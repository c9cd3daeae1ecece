using CareHub.Mqtt.Broker;
using CareHub.Mqtt.Packets;
using CareHub.Simulator.Devices;
using CareHub.Simulator.Fleet;
using CareHub.Simulator.Report;
using CareHub.Simulator.Scenarios;
using CareHub.Simulator.Tests.Support;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Tests.EndToEnd;

/// <summary>Real connections to a real broker in this process. The contract: acknowledged is kept, everything else comes again.</summary>
public sealed class SimulatorAgainstBrokerTests : IAsyncLifetime
{
    private static readonly FleetLimits Quick = FleetLimits.Default with
    {
        Tick = TimeSpan.FromMilliseconds(2),
        ReconnectMin = TimeSpan.FromMilliseconds(20),
        ReconnectMax = TimeSpan.FromMilliseconds(200),
        ConnectsPerSecond = 2_000,
    };

    private readonly RecordingHub _hub = new();
    private readonly CancellationTokenSource _stop = new();
    private DeviceFleet _fleet = null!;
    private Task _run = Task.CompletedTask;

    private Tally Signals => _fleet.Ledger.Signals;

    public Task InitializeAsync() => _hub.StartAsync();

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        await _hub.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_days_signals_and_readings_arrive_once_each()
    {
        Start(Scenario.Day, speed: 200);
        await Eventually.TrueAsync(() => Signals.Acknowledged >= 20 && _hub.Readings > 100, "signals and readings acknowledged");
        await EndAsync();
        Assert.True(RunReport.AllAcknowledged(_fleet.Ledger));
        Assert.Equal(Signals.Born, _hub.Taken.Count);
        Assert.Equal(Signals.Born, Signals.Acknowledged);
        Assert.Equal(Signals.Acknowledged, Signals.Latency.Count);
    }

    [Fact]
    public async Task Nothing_counts_as_acknowledged_while_the_hub_has_not_committed()
    {
        var commit = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hub.OnSignal = async (_, _) =>
        {
            await commit.Task;
            return PublishVerdict.Consume;
        };
        Start(Scenario.Storm, speed: 20);
        await Eventually.TrueAsync(() => _hub.Arrivals.Count >= 20 && _hub.Readings > 20, "signals wait while readings go on");
        Assert.Equal((0, 0), (Signals.Acknowledged, _hub.Taken.Count));
        Assert.True(Signals.InFlight >= 20);

        commit.SetResult();
        await Eventually.TrueAsync(() => Signals.Acknowledged >= 20, "acknowledged after the commit");
        await EndAsync();
        Assert.True(RunReport.AllAcknowledged(_fleet.Ledger));
        Assert.Equal(Signals.Born, _hub.Taken.Count);
    }

    [Fact]
    public async Task What_the_hub_fails_to_keep_comes_again_with_the_same_id()
    {
        _hub.OnSignal = (_, arrival) => arrival < 3
            ? Task.FromException<PublishVerdict>(new IOException("the disk is full"))
            : Task.FromResult(PublishVerdict.Consume);
        Start(Scenario.Storm, speed: 20);
        await Eventually.TrueAsync(() => Signals.Acknowledged >= 20, "acknowledged at the third attempt");
        _hub.OnSignal = (_, _) => Task.FromResult(PublishVerdict.Consume);
        await EndAsync();
        Assert.True(RunReport.AllAcknowledged(_fleet.Ledger));
        Assert.Equal(Signals.Born, _hub.Taken.Count);
        Assert.True(Signals.SentAgain >= 40);
        Assert.Contains(_hub.Arrivals.Values, count => count >= 3);
    }

    [Fact]
    public async Task Devices_find_back_to_a_hub_that_was_restarted()
    {
        Start(Scenario.Storm, speed: 20);
        await Eventually.TrueAsync(() => Signals.Acknowledged >= 10, "signals acknowledged");

        await _hub.StopAsync();
        await Eventually.TrueAsync(() => _fleet.Ledger.DevicesOnline == 0, "all offline");
        var before = Signals.Acknowledged;
        await Eventually.TrueAsync(() => Signals.Born >= before + 10, "signals while the hub is down");
        await _hub.StartAsync();
        await Eventually.TrueAsync(() => Signals.Acknowledged >= before + 10, "the same acknowledged after the restart");

        await EndAsync();
        Assert.True(RunReport.AllAcknowledged(_fleet.Ledger));
        Assert.Equal(Signals.Born, _hub.Taken.Count);
        Assert.Contains(_hub.Taken.Values, payload => payload.Contains("\"buffered\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broken_link_lets_the_will_speak_and_a_goodbye_does_not()
    {
        var opening = new OpeningAct(TimeSpan.FromSeconds(20), DeviceKinds.EmergencyButton, Act.LinkLost);
        Start(Some.Nothing with { Opening = [opening] }, speed: 20, devices: 2);
        await Eventually.TrueAsync(() => !_hub.Wills.IsEmpty, "a will");
        await Eventually.TrueAsync(() => _fleet.Ledger.DevicesOnline == 2, "back online");
        await EndAsync();
        Assert.EndsWith("""{"online":false}""", Assert.Single(_hub.Wills), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_reason()
    {
        _hub.OnSignal = (_, _) => Task.FromResult(PublishVerdict.Refuse(ReasonCode.QuotaExceeded));
        Start(Scenario.Storm, speed: 20);
        await Eventually.TrueAsync(() => _hub.Taken.Count >= 5, "refusals");
        await EndAsync();
        Assert.False(RunReport.AllAcknowledged(_fleet.Ledger));
        Assert.Equal(Signals.Born, Signals.Refused[ReasonCode.QuotaExceeded]);
    }

    [Fact]
    public async Task A_wrong_secret_keeps_a_device_out()
    {
        _fleet = new DeviceFleet([new DeviceIdentity("btn-1", DeviceKinds.EmergencyButton, "home-1", "wrong")], Some.Nothing, Options(1), new MqttDeviceLinks("127.0.0.1", _hub.Port), TimeProvider.System, Quick);
        _run = RunAsync();
        await Eventually.TrueAsync(() => _fleet.Ledger.ConnectFailures.Count > 0, "a refusal");
        await EndAsync();
        Assert.Contains("never online: 1 devices", RunReport.Summary(_fleet.Ledger, 1, TimeSpan.Zero));
        Assert.Contains(nameof(ReasonCode.BadUserNameOrPassword), _fleet.Ledger.ConnectFailures.Keys);
    }

    private static FleetOptions Options(double speed) => new(Seed: 1, speed, RunId: Guid.NewGuid().ToString("N"));

    private void Start(Scenario scenario, double speed, int devices = 100)
    {
        var identities = devices == 2
            ? [Some.Identity(DeviceKinds.EmergencyButton, 1), Some.Identity(DeviceKinds.EmergencyButton, 2)]
            : DeviceList.MadeUp(devices).Select(device => device with { Secret = "secret" }).ToList();
        _fleet = new DeviceFleet(identities, scenario, Options(speed), new MqttDeviceLinks("127.0.0.1", _hub.Port), TimeProvider.System, Quick);
        _run = RunAsync();
    }

    private Task<TimeSpan> RunAsync() => Task.Run(() => new SimulatorRun(_fleet, Quick, TimeProvider.System, new NoView()).RunAsync(null, _stop.Token));

    private async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    private sealed class NoView : IRunView
    {
        public void Show(Ledger ledger, TimeSpan elapsed)
        {
        }

        public void Dispose()
        {
        }
    }
}
