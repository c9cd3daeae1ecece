using System.Collections.Frozen;

namespace CareHub.Core.Devices;

/// <summary>
/// Kinds of device the hub knows something about. The kind of a device is an open word, so that a new product can be
/// registered before the hub learns more about it; an unknown kind counts as a safety device, the careful choice.
/// </summary>
internal static class DeviceKinds
{
    public const string EmergencyButton = "emergency_button";
    public const string FallSensor = "fall_sensor";
    public const string SmokeDetector = "smoke_detector";
    public const string HeatDetector = "heat_detector";
    public const string CoDetector = "co_detector";
    public const string GasDetector = "gas_detector";
    public const string WaterSensor = "water_sensor";
    public const string DoorSensor = "door_sensor";
    public const string BedSensor = "bed_sensor";
    public const string VitalMonitor = "vital_monitor";
    public const string MotionSensor = "motion_sensor";
    public const string EnvironmentSensor = "environment_sensor";
    public const string Gateway = "gateway";
    public const string PowerMonitor = "power_monitor";

    private static readonly FrozenDictionary<string, bool> SafetyByKind = new Dictionary<string, bool>(StringComparer.Ordinal)
    {
        [EmergencyButton] = true,
        [FallSensor] = true,
        [SmokeDetector] = true,
        [HeatDetector] = true,
        [CoDetector] = true,
        [GasDetector] = true,
        [VitalMonitor] = true,
        [Gateway] = true,
        [PowerMonitor] = true,

        // Without it nobody notices that a person who lives alone no longer moves.
        [MotionSensor] = true,
        [BedSensor] = false,
        [WaterSensor] = false,
        [DoorSensor] = false,
        [EnvironmentSensor] = false,
    }.ToFrozenDictionary();

    public static IEnumerable<string> Known => SafetyByKind.Keys.Order(StringComparer.Ordinal);

    public static bool IsKnown(string kind) => SafetyByKind.ContainsKey(kind);

    public static bool IsSafety(string kind) => !SafetyByKind.TryGetValue(kind, out var safety) || safety;
}
