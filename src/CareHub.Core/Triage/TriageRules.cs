using System.Collections.Frozen;
using System.Collections.Immutable;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Escalation;
using CareHub.Core.Health;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>What to do about one kind of signal.</summary>
/// <param name="Priority">Priority of the alarm it raises.</param>
internal sealed record SignalRule(Priority Priority)
{
    /// <summary>Name that decisions and timelines quote: the signal, and the override that decided, if any.</summary>
    public required string Name { get; init; }

    /// <summary>Priority when the device is not one that a life depends on.</summary>
    public Priority? PriorityWhenNotSafety { get; init; }

    /// <summary>Priority while the device is less sure than <see cref="SureFrom"/>: a suspicion.</summary>
    public Priority? PriorityWhenUnsure { get; init; }

    /// <summary>Confidence (0–1) from which <see cref="PriorityWhenUnsure"/> no longer applies.</summary>
    public double SureFrom { get; init; }

    /// <summary>The alarm stays active until a person closes it: the device cannot say that it is over.</summary>
    public bool Latching { get; init; }

    /// <summary>Time in which the device may cancel it.</summary>
    public TimeSpan VerifyWindow { get; init; }

    /// <summary>Time a condition must stand before it is raised, so that a blip is not an alarm.</summary>
    public TimeSpan RaiseDelay { get; init; }

    /// <summary>Close without a person once it has returned; only ever for technical alarms of low priority.</summary>
    public bool AutoCloseWhenLow { get; init; }

    /// <summary>Raise only between <see cref="TriageRules.NightFrom"/> and <see cref="TriageRules.NightTo"/>, local time.</summary>
    public bool OnlyAtNight { get; init; }

    public Priority PriorityFor(DeviceFacts device, double? confidence = null)
    {
        var priority = device.IsSafety ? Priority : PriorityWhenNotSafety ?? Priority;
        return confidence < SureFrom && PriorityWhenUnsure is { } unsure && unsure > priority ? unsure : priority;
    }
}

/// <summary>A cause that explains other alarms: they are on record and not annunciated while it stands.</summary>
/// <param name="Cause">Kind of the alarm that explains.</param>
/// <param name="CauseDevice">Kind of its device; null for any.</param>
/// <param name="Covers">Kinds of the alarms that are explained; critical alarms never are.</param>
/// <param name="Scope">Which devices.</param>
/// <param name="Grace">Time the devices have, after the cause has gone, to say that they are well.</param>
internal sealed record Inhibition(SignalKind Cause, string? CauseDevice, FrozenSet<SignalKind> Covers, InhibitionScope Scope, TimeSpan Grace);

internal enum InhibitionScope : byte
{
    /// <summary>The devices behind the gateway that raised the cause.</summary>
    Gateway = 1,

    /// <summary>Every device of the site.</summary>
    Site = 2,
}

/// <summary>When comings and goings become chattering.</summary>
/// <param name="Max">Activations within the window that are still ordinary.</param>
internal sealed record ChatteringRule(int Max, TimeSpan Window, TimeSpan Calm);

/// <summary>When the alarms of a site are one storm.</summary>
/// <param name="Max">Alarms raised within the window that are still ordinary.</param>
internal sealed record StormRule(int Max, TimeSpan Window);

/// <summary>When devices that fall silent are one outage of their region, and not an alarm each.</summary>
/// <param name="Devices">So many within the window, of at least <paramref name="Sites"/> sites.</param>
/// <param name="Grace">Time for those that are still silent when the outage is over; then they are missed one by one.</param>
internal sealed record OutageRule(int Devices, int Sites, TimeSpan Window, TimeSpan Grace);

/// <summary>The rules as they apply to one device. Signals without a rule (test, cancel, restore, online) raise nothing by themselves.</summary>
internal sealed record TriageRules
{
    /// <summary>
    /// A repeat of a one-shot signal (a button pressed again) later than this after the alarm last sounded makes an
    /// acknowledged alarm sound again; earlier repeats only count.
    /// </summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Alarms of one person or device within this of each other are one incident.</summary>
    public TimeSpan IncidentWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Local time zone of the hub's sites, for what depends on night.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    public TimeOnly NightFrom { get; init; } = new(22, 0);

    public TimeOnly NightTo { get; init; } = new(6, 0);

    public FrozenDictionary<SignalKind, SignalRule> BySignal { get; init; } = Defaults.ToFrozenDictionary();

    /// <summary>Policy for alarms of each priority.</summary>
    public ImmutableDictionary<Priority, EscalationPolicy> Escalation { get; init; } = EscalationPolicy.Defaults;

    /// <summary>Two different detectors of these kinds within <see cref="CoincidenceWindow"/> are a confirmed fire.</summary>
    public FrozenSet<SignalKind> FireKinds { get; init; } = FrozenSet.ToFrozenSet([SignalKind.Smoke, SignalKind.Heat, SignalKind.Co, SignalKind.Gas]);

    public TimeSpan CoincidenceWindow { get; init; } = TimeSpan.FromSeconds(60);

    public ImmutableArray<Inhibition> Inhibitions { get; init; } =
    [
        new(SignalKind.Offline, DeviceKinds.Gateway, FrozenSet.ToFrozenSet([SignalKind.Offline]), InhibitionScope.Gateway, TimeSpan.FromMinutes(2)),
        new(SignalKind.Fault, DeviceKinds.PowerMonitor, FrozenSet.ToFrozenSet([SignalKind.Fault]), InhibitionScope.Site, TimeSpan.FromMinutes(2)),
    ];

    /// <summary>What the hub makes of readings.</summary>
    public HealthRules Health { get; init; } = new();

    public ChatteringRule Chattering { get; init; } = new(5, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

    public StormRule Storm { get; init; } = new(10, TimeSpan.FromSeconds(60));

    public OutageRule Outage { get; init; } = new(25, 5, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));

    /// <summary>A critical alarm is about a life: nothing may hide it.</summary>
    public bool MayBeSilenced(Alarm alarm) => alarm.Priority != Priority.Critical && !FireKinds.Contains(alarm.Kind);

    private static Dictionary<SignalKind, SignalRule> Defaults => new()
    {
        [SignalKind.Button] = new(Priority.Critical) { Name = "button", Latching = true },
        [SignalKind.Fall] = new(Priority.Critical) { Name = "fall", Latching = true, VerifyWindow = TimeSpan.FromSeconds(20), PriorityWhenUnsure = Priority.High, SureFrom = 0.5 },
        [SignalKind.Smoke] = new(Priority.Critical) { Name = "smoke" },
        [SignalKind.Heat] = new(Priority.Critical) { Name = "heat" },
        [SignalKind.Co] = new(Priority.Critical) { Name = "co" },
        [SignalKind.Gas] = new(Priority.Critical) { Name = "gas" },
        [SignalKind.Water] = new(Priority.High) { Name = "water" },
        [SignalKind.Wander] = new(Priority.High) { Name = "wander" },
        [SignalKind.Inactivity] = new(Priority.High) { Name = "inactivity" },
        [SignalKind.Vital] = new(Priority.High) { Name = "vital" },
        [SignalKind.BedExit] = new(Priority.Medium) { Name = "bed_exit" },
        [SignalKind.Door] = new(Priority.Medium) { Name = "door_at_night", OnlyAtNight = true },
        [SignalKind.Tamper] = new(Priority.Medium) { Name = "tamper" },
        [SignalKind.Offline] = new(Priority.Medium)
        {
            Name = "offline", PriorityWhenNotSafety = Priority.Low, RaiseDelay = TimeSpan.FromSeconds(10), AutoCloseWhenLow = true,
        },
        [SignalKind.LowBattery] = new(Priority.Low) { Name = "low_battery", AutoCloseWhenLow = true },
        [SignalKind.Fault] = new(Priority.Low) { Name = "fault", AutoCloseWhenLow = true },
        [SignalKind.Outage] = new(Priority.High) { Name = "outage" },
        [SignalKind.Flapping] = new(Priority.Low) { Name = "flapping", AutoCloseWhenLow = true },
    };

    public bool IsNight(DateTimeOffset now)
    {
        var local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZone).DateTime);
        return local.IsBetween(NightFrom, NightTo);
    }
}
