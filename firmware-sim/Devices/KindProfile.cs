using System.Collections.Frozen;

namespace CareHub.Simulator.Devices;

/// <summary>What a kind of device measures and says.</summary>
/// <param name="Alarm">Signal of its purpose, or null when it has none.</param>
/// <param name="TakenBackBy">How its alarm ends: <c>restore</c>, <c>cancel</c> (the person is fine), or null (only a person ends it).</param>
/// <param name="TakenBackChance">How often it ends that way.</param>
/// <param name="EpisodeSeconds">How long until it does: shortest and longest.</param>
/// <param name="SampleSeconds">Time between measurements.</param>
/// <param name="Curves">What it measures.</param>
/// <param name="OnBattery">Whether it has a battery to run low.</param>
internal sealed record KindProfile(
    string? Alarm,
    string? TakenBackBy,
    double TakenBackChance,
    (double Min, double Max) EpisodeSeconds,
    double SampleSeconds,
    IReadOnlyList<Curve> Curves,
    bool OnBattery)
{
    private static readonly Curve SignalStrength = new("signal_strength", -64, 9, 0, 0, 2, -98, -30, 0);
    private static readonly Curve RoomTemperature = new("temperature", 22, 1.5, 1.6, 15, 0.15, 5, 60, 1);
    private static readonly Curve HeartRate = new("heart_rate", 71, 6, 7, 16, 1.6, 38, 180, 0, InEpisode: 58);

    private static readonly FrozenDictionary<string, KindProfile> All = new Dictionary<string, KindProfile>
    {
        [DeviceKinds.EmergencyButton] = new("button", null, 0, (0, 0), 300, [SignalStrength], OnBattery: true),
        // A cancel counts within 20 s (design: default triage), so a person who is fine presses it by then.
        [DeviceKinds.FallSensor] = new("fall", "cancel", 0.6, (4, 16), 300, [SignalStrength], OnBattery: true),
        [DeviceKinds.SmokeDetector] = new("smoke", "restore", 0.95, (40, 240), 300, [SignalStrength, RoomTemperature with { InEpisode = 16 }], OnBattery: true),
        [DeviceKinds.CoDetector] = new("co", "restore", 0.95, (60, 300), 120, [new Curve("co_ppm", 3, 1, 1, 19, 0.5, 0, 900, 0, InEpisode: 140)], OnBattery: true),
        [DeviceKinds.GasDetector] = new("gas", "restore", 0.95, (60, 300), 120, [new Curve("gas_lel_percent", 1, 0.4, 0.4, 18, 0.2, 0, 100, 1, InEpisode: 22)], OnBattery: false),
        [DeviceKinds.DoorSensor] = new("door", "restore", 1, (10, 120), 600, [SignalStrength], OnBattery: true),
        [DeviceKinds.BedSensor] = new("bed_exit", "restore", 0.9, (60, 600), 30, [new Curve("respiration_rate", 15, 1.5, 1, 16, 0.5, 6, 40, 0), HeartRate with { InEpisode = 0 }], OnBattery: false),
        [DeviceKinds.VitalMonitor] = new("vital", "restore", 0.9, (60, 240), 10, [HeartRate, new Curve("spo2", 97, 0.8, 0.4, 14, 0.4, 80, 100, 0, InEpisode: -8), new Curve("body_temperature", 36.5, 0.2, 0.3, 17, 0.05, 34, 42, 1)], OnBattery: true),
        // Movements of the last minute: few in the afternoon, none at night as a rule.
        [DeviceKinds.MotionSensor] = new(null, null, 0, (0, 0), 60, [new Curve("motion", 1, 0.5, 2.5, 15, 1.5, 0, 12, 0)], OnBattery: true),
        [DeviceKinds.EnvironmentSensor] = new(null, null, 0, (0, 0), 60, [RoomTemperature, new Curve("humidity", 52, 6, 5, 4, 0.8, 15, 95, 0)], OnBattery: true),
        [DeviceKinds.Gateway] = new(null, null, 0, (0, 0), 60, [SignalStrength], OnBattery: false),
    }.ToFrozenDictionary();

    /// <summary>A device of a kind that is not known here still lives, measures its signal and can be tampered with.</summary>
    private static readonly KindProfile Other = new(null, null, 0, (0, 0), 300, [SignalStrength], OnBattery: true);

    public static KindProfile Of(string kind) => All.GetValueOrDefault(kind, Other);
}
