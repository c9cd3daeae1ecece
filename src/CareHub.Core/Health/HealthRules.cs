using System.Collections.Immutable;
using CareHub.Core.Telemetry;

namespace CareHub.Core.Health;

/// <summary>When a reading is out of range, and when it is well again.</summary>
internal sealed record VitalRule
{
    /// <summary>Too low below this; null: never.</summary>
    public double? Below { get; init; }

    /// <summary>Too high above this; null: never.</summary>
    public double? Above { get; init; }

    /// <summary>How long it must stay out before it is said: one odd reading is not a condition.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How far inside it must come to count as back, so that a value on the line does not flutter.</summary>
    public double Margin { get; init; }

    /// <summary>How long every value of the device must be back before that is said.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromMinutes(5);

    public bool IsOut(double value) => value < Below || value > Above;

    public bool IsBack(double value) => !(value < Below + Margin) && !(value > Above - Margin);
}

/// <summary>When a battery is to be changed.</summary>
/// <param name="Below">Percent at which it is low, whatever the trend.</param>
/// <param name="DaysLeft">Days that its trend still gives it at which it is low.</param>
internal sealed record BatteryRule(double Below, double DaysLeft);

/// <summary>When a person has not moved for too long.</summary>
internal sealed record InactivityRule
{
    /// <summary>Readings that show movement when they are above 0.</summary>
    public ImmutableArray<string> Readings { get; init; } = [ReadingNames.Motion];

    /// <summary>The limit until enough days are known.</summary>
    public TimeSpan Fixed { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Days of movement that must be known before the person's own pattern counts.</summary>
    public int LearnDays { get; init; } = 14;

    /// <summary>How many times the usual silence is too long.</summary>
    public double Factor { get; init; } = 1.5;

    public TimeSpan AtLeast { get; init; } = TimeSpan.FromHours(4);

    public TimeSpan AtMost { get; init; } = TimeSpan.FromHours(24);

    public bool Equals(InactivityRule? other) =>
        other is not null && Readings.SequenceEqual(other.Readings) && (Fixed, LearnDays, Factor, AtLeast, AtMost) == (other.Fixed, other.LearnDays, other.Factor, other.AtLeast, other.AtMost);

    public override int GetHashCode() => HashCode.Combine(Fixed, LearnDays, Factor, AtLeast, AtMost);
}

/// <summary>What the hub makes of readings, as it applies to one device.</summary>
internal sealed record HealthRules
{
    /// <summary>Limits by reading. They find a sudden change in anybody; a person's own limits are an override.</summary>
    public ImmutableSortedDictionary<string, VitalRule> Vital { get; init; } = new Dictionary<string, VitalRule>(StringComparer.Ordinal)
    {
        ["heart_rate"] = new() { Below = 40, Above = 130, Margin = 3 },
        ["respiration_rate"] = new() { Below = 8, Above = 30, Margin = 1, For = TimeSpan.FromMinutes(2) },
        ["spo2"] = new() { Below = 88, Margin = 1 },
        ["body_temperature"] = new() { Below = 35, Above = 38.5, Margin = 0.3, For = TimeSpan.FromMinutes(10), Calm = TimeSpan.FromMinutes(15) },
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public BatteryRule Battery { get; init; } = new(10, 7);

    public InactivityRule Inactivity { get; init; } = new();
}
