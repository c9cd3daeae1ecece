using CareHub.Simulator.Devices;

namespace CareHub.Simulator.Scenarios;

/// <summary>What befalls a city. Rates are per minute for a thousand devices, so a larger city is busier.</summary>
/// <param name="Name">As written on the command line.</param>
/// <param name="Rates">What happens, how often.</param>
/// <param name="Opening">What happens soon after the start, so that somebody who has just started it sees something.</param>
/// <param name="Disaster">Hits all at once, again and again; or null.</param>
internal sealed record Scenario(string Name, IReadOnlyList<Rate> Rates, IReadOnlyList<OpeningAct> Opening, Disaster? Disaster)
{
    /// <summary>One or two alarms a minute for a thousand devices: a duty operator has time for each.</summary>
    public static Scenario Quiet { get; } = new(
        "quiet",
        [
            new(DeviceKinds.EmergencyButton, Act.Alarm, 0.12, DayShape.Flat),
            new(DeviceKinds.FallSensor, Act.Alarm, 0.12, DayShape.Flat),
            new(DeviceKinds.SmokeDetector, Act.Alarm, 0.04, DayShape.Meals),
            new(DeviceKinds.BedSensor, Act.Alarm, 0.2, DayShape.Night),
            new(DeviceKinds.VitalMonitor, Act.Alarm, 0.1, DayShape.Flat),
            new(null, Act.BatteryEnds, 0.3, DayShape.Flat),
            new(null, Act.Tamper, 0.1, DayShape.Day),
            new(null, Act.Fault, 0.1, DayShape.Flat),
            new(null, Act.LinkLost, 0.3, DayShape.Flat),
        ],
        [],
        Disaster: null);

    /// <summary>A believable day: mostly low and medium, something critical every minute or two.</summary>
    public static Scenario Day { get; } = new(
        "day",
        [
            new(DeviceKinds.EmergencyButton, Act.Alarm, 0.22, DayShape.Day),
            new(DeviceKinds.FallSensor, Act.Alarm, 0.26, DayShape.Day),
            new(DeviceKinds.SmokeDetector, Act.Alarm, 0.08, DayShape.Meals),
            new(DeviceKinds.GasDetector, Act.Alarm, 0.03, DayShape.Meals),
            new(DeviceKinds.CoDetector, Act.Alarm, 0.02, DayShape.Meals),
            new(DeviceKinds.VitalMonitor, Act.Alarm, 0.2, DayShape.Flat),
            new(DeviceKinds.BedSensor, Act.Alarm, 0.5, DayShape.Night),
            new(DeviceKinds.DoorSensor, Act.Alarm, 0.4, DayShape.Day),
            new(null, Act.BatteryEnds, 0.6, DayShape.Flat),
            new(null, Act.Tamper, 0.2, DayShape.Day),
            new(null, Act.Fault, 0.3, DayShape.Flat),
            new(null, Act.LinkLost, 0.8, DayShape.Flat),
        ],
        [
            new(TimeSpan.FromSeconds(4), null, Act.BatteryEnds),
            new(TimeSpan.FromSeconds(7), DeviceKinds.EmergencyButton, Act.Alarm),
            new(TimeSpan.FromSeconds(12), DeviceKinds.BedSensor, Act.Alarm),
            new(TimeSpan.FromSeconds(20), null, Act.Tamper),
            new(TimeSpan.FromSeconds(28), DeviceKinds.FallSensor, Act.Alarm),
        ],
        Disaster: null);

    /// <summary>A day with an earthquake and the power cut that comes with it.</summary>
    public static Scenario Storm { get; } = new(
        "storm",
        Day.Rates,
        [],
        new Disaster(First: TimeSpan.FromSeconds(10), Every: TimeSpan.FromMinutes(2), Within: TimeSpan.FromSeconds(5), AlarmShare: 0.35, FaultShare: 0.1, LinkLostShare: 0.08));

    public static IReadOnlyList<Scenario> All { get; } = [Quiet, Day, Storm];
}

/// <summary>An act that happens at random.</summary>
/// <param name="Kind">To devices of this kind; null for any that knows the act.</param>
/// <param name="Act">What happens.</param>
/// <param name="PerMinute">For a thousand devices of all kinds, on average over a day.</param>
/// <param name="Shape">When in the day it happens more often.</param>
internal sealed record Rate(string? Kind, Act Act, double PerMinute, DayShape Shape);

/// <summary>An act at a fixed time after the start.</summary>
internal sealed record OpeningAct(TimeSpan After, string? Kind, Act Act);

/// <summary>Shares of all devices that are hit, spread over a few seconds.</summary>
internal sealed record Disaster(TimeSpan First, TimeSpan Every, TimeSpan Within, double AlarmShare, double FaultShare, double LinkLostShare);
