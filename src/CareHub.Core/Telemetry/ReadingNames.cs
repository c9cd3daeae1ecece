using System.Collections.Frozen;

namespace CareHub.Core.Telemetry;

/// <summary>
/// What the hub knows of readings by their name. A name is an open word: one that is not here is kept and shown without a
/// unit. The table is in docs/api.md, and the console has a label for each name.
/// </summary>
public static class ReadingNames
{
    /// <summary>Longest name, in characters.</summary>
    public const int CharsMax = 48;

    public const string Battery = "battery";

    /// <summary>Movements since the last reading, or 0 and 1.</summary>
    public const string Motion = "motion";

    private static readonly FrozenDictionary<string, string> Units = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["heart_rate"] = "/min",
        ["respiration_rate"] = "/min",
        ["spo2"] = "%",
        ["body_temperature"] = "°C",
        ["blood_pressure_systolic"] = "mmHg",
        ["blood_pressure_diastolic"] = "mmHg",
        ["blood_glucose"] = "mmol/L",
        ["weight"] = "kg",
        ["steps"] = "",
        [Motion] = "",
        ["temperature"] = "°C",
        ["humidity"] = "%",
        ["co_ppm"] = "ppm",
        ["co2_ppm"] = "ppm",
        ["gas_lel_percent"] = "% LEL",
        ["pm25"] = "µg/m³",
        ["illuminance"] = "lx",
        ["noise"] = "dB",
        ["power"] = "W",
        ["voltage"] = "V",
        [Battery] = "%",
        ["signal_strength"] = "dBm",
    }.ToFrozenDictionary();

    /// <summary>Whether it is a name: 1–48 lower case letters, digits or underscores.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
            {
                return false;
            }
        }

        return name.Length is > 0 and <= CharsMax;
    }

    public static IEnumerable<string> Known => Units.Keys.Order(StringComparer.Ordinal);

    /// <summary>The unit, empty for a bare number; null for a name the hub does not know.</summary>
    public static string? UnitOf(string name) => Units.GetValueOrDefault(name);
}
