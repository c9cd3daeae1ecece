using System.Collections.Frozen;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>Which readings can be spared first when the spool is at its quota. Everything that is not listed is vital.</summary>
internal sealed class ReadingClasses(IEnumerable<string> low)
{
    /// <summary>
    /// State of the device and of the room, which changes slowly and comes again. A body's temperature is another name
    /// (<c>body_temperature</c>) and is vital.
    /// </summary>
    public const string LowByDefault =
        "battery,battery_voltage,signal_strength,rssi,snr,link_quality,uptime,free_memory,temperature,humidity,illuminance,pressure,noise,co2,co2_ppm,voc,pm25,power,energy,voltage,current";

    private readonly FrozenSet<string> _low = low.ToFrozenSet(StringComparer.Ordinal);

    public static ReadingClasses Default { get; } = Parse(LowByDefault);

    public static ReadingClasses Parse(string names) => new(names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    public SpoolLane LaneOf(string name) => _low.Contains(name) ? SpoolLane.Low : SpoolLane.Vital;
}
