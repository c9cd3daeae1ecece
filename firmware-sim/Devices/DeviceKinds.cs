namespace CareHub.Simulator.Devices;

/// <summary>The kinds of the demo city, as the registry spells them.</summary>
internal static class DeviceKinds
{
    public const string EmergencyButton = "emergency_button";
    public const string FallSensor = "fall_sensor";
    public const string SmokeDetector = "smoke_detector";
    public const string CoDetector = "co_detector";
    public const string GasDetector = "gas_detector";
    public const string DoorSensor = "door_sensor";
    public const string BedSensor = "bed_sensor";
    public const string VitalMonitor = "vital_monitor";
    public const string MotionSensor = "motion_sensor";
    public const string EnvironmentSensor = "environment_sensor";
    public const string Gateway = "gateway";
}
