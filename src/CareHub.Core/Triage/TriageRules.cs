using System.Collections.Frozen;
using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Triage;

/// <summary>What to do about one kind of signal.</summary>
/// <param name="Priority">Priority of the alarm it raises.</param>
internal sealed record SignalRule(Priority Priority)
{
    /// <summary>Name that decisions and timelines quote.</summary>
    public required string Name { get; init; }

    /// <summary>Priority when the device is not one that a life depends on.</summary>
    public Priority? PriorityWhenNotSafety { get; init; }

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

    public Priority PriorityFor(DeviceFacts device) =>
        device.IsSafety ? Priority : PriorityWhenNotSafety ?? Priority;
}

/// <summary>The default triage table. Signals without a rule (test, cancel, restore, online) raise nothing by themselves.</summary>
internal sealed class TriageRules
{
    /// <summary>
    /// A repeat of a one-shot signal (a button pressed again) later than this after the alarm last sounded makes an
    /// acknowledged alarm sound again; earlier repeats only count.
    /// </summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Local time zone of the hub's sites, for what depends on night.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    public TimeOnly NightFrom { get; init; } = new(22, 0);

    public TimeOnly NightTo { get; init; } = new(6, 0);

    public FrozenDictionary<SignalKind, SignalRule> BySignal { get; init; } = Defaults.ToFrozenDictionary();

    private static Dictionary<SignalKind, SignalRule> Defaults => new()
    {
        [SignalKind.Button] = new(Priority.Critical) { Name = "button", Latching = true },
        [SignalKind.Fall] = new(Priority.Critical) { Name = "fall", Latching = true, VerifyWindow = TimeSpan.FromSeconds(20) },
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
        [SignalKind.Flapping] = new(Priority.Low) { Name = "flapping", AutoCloseWhenLow = true },
    };

    public bool IsNight(DateTimeOffset now)
    {
        var local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZone).DateTime);
        return local.IsBetween(NightFrom, NightTo);
    }
}
