using System.Collections.Immutable;
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

    private RuleBook Book => field ??= new RuleBook(Rules, Overrides, "test");

    public ImmutableArray<RuleOverride> Overrides { get; init; } = [];

    public List<AlarmChange> Changes { get; } = [];

    public List<TimelineEntry> Notes { get; } = [];

    /// <summary>Whether somebody sits at a console that covers the site.</summary>
    public bool IsStaffed { get; set; } = true;

    public DateTimeOffset? NextDeadline => State.NextDeadline(Book);

    public Alarm Only => Assert.Single(State.Open.Values);

    public Alarm Latest => Changes[^1].Alarm;

    public SignalDecision Says(SignalKind kind, string device = "btn-1", string deviceKind = DeviceKinds.EmergencyButton, SignalKind? of = null, SignalSource source = SignalSource.Device, DateTimeOffset? occurredAt = null, string? gateway = null, double? confidence = null, string? resident = "r-1")
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
            Confidence = confidence,
        };
        var facts = new DeviceFacts(device, deviceKind, "home-1", resident) { GatewayId = gateway, RegionPath = ["all", "city", "north"] };
        return Step(new TriageInput.FromDevice(signal, facts, IsStaffed)).Decision!;
    }

    /// <summary>Takes time in the engine's own steps, from deadline to deadline, as the pipeline does.</summary>
    public void Lives(TimeSpan time)
    {
        var end = Now + time;
        while (NextDeadline is { } next && next <= end)
        {
            Now = next > Now ? next : Now;
            Step(TriageInput.Time.Passes);
        }

        Now = end;
    }

    public Alarm Open(string device, SignalKind kind) => State.Open[new AlarmKey(device, kind)];

    public CommandResult Does(AlarmCommand command) => Step(new TriageInput.FromPerson(command)).Command;

    public void Passes(TimeSpan time)
    {
        Now += time;
        Step(TriageInput.Time.Passes);
    }

    public StepResult Step(TriageInput input)
    {
        var result = TriageEngine.Step(State, input, Now, Book);
        State = result.State;
        Changes.AddRange(result.Changes);
        Notes.AddRange(result.Notes);
        return result;
    }
}
