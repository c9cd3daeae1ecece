using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;
using CareHub.Core.Triage;

namespace CareHub.Core.Tests.Triage;

/// <summary>A site under test: steps the engine and keeps its state, the clock in the test's hand.</summary>
internal sealed class Site
{
    public static readonly Author LiQiang = new(AuthorKind.User, "li.qiang", "李强");
    public static readonly Author WangMin = new(AuthorKind.User, "wang.min", "王敏");

    private int _ids;

    public SiteState State { get; private set; } = new() { SiteId = "home-1" };

    /// <summary>Midday, so that nothing is at night unless a test says so.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public TriageRules Rules { get; init; } = new();

    public List<AlarmChange> Changes { get; } = [];

    public Alarm Only => Assert.Single(State.Open.Values);

    public Alarm Latest => Changes[^1].Alarm;

    public SignalDecision Says(SignalKind kind, string device = "btn-1", string deviceKind = DeviceKinds.EmergencyButton, SignalKind? of = null, SignalSource source = SignalSource.Device, DateTimeOffset? occurredAt = null)
    {
        var signal = new Signal
        {
            DeviceId = device,
            Id = $"s{++_ids}",
            Kind = kind,
            ReceivedAt = Now,
            Of = of,
            Source = source,
            DeviceAt = occurredAt,
            Buffered = occurredAt is not null,
        };
        return Step(new TriageInput.FromDevice(signal, new DeviceFacts(device, deviceKind, "home-1", "r-1"))).Decision!;
    }

    public CommandResult Does(AlarmCommand command) => Step(new TriageInput.FromPerson(command)).Command;

    public void Passes(TimeSpan time)
    {
        Now += time;
        Step(TriageInput.Time.Passes);
    }

    public StepResult Step(TriageInput input)
    {
        var result = TriageEngine.Step(State, input, Now, Rules);
        State = result.State;
        Changes.AddRange(result.Changes);
        return result;
    }
}
