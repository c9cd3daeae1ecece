using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Health;

/// <summary>What readings have shown: a condition, or that it is over.</summary>
/// <param name="Kind">The condition.</param>
/// <param name="IsOver">It has passed.</param>
/// <param name="About">The reading that shows it.</param>
/// <param name="At">When, by the readings.</param>
/// <param name="Id">Follows from the readings alone, so that finding it again after a restart is a redelivery and no second alarm.</param>
internal readonly record struct HealthFinding(SignalKind Kind, bool IsOver, string About, DateTimeOffset At, string Id)
{
    /// <summary>Begins the zone of a signal that is about a reading: it is no place.</summary>
    private const string ZonePrefix = "reading:";

    public static string ZoneOf(string about) => ZonePrefix + about;

    /// <summary>The reading that an alarm's zone names; null when the alarm is not the hub's finding.</summary>
    public static string? AboutOf(string? zone) => zone?.StartsWith(ZonePrefix, StringComparison.Ordinal) == true ? zone[ZonePrefix.Length..] : null;

    /// <summary>Readings younger than this are of the present; what older ones show happened then, and the hub learns of it now.</summary>
    private static readonly TimeSpan PresentMax = TimeSpan.FromMinutes(5);

    /// <summary>The finding as a signal of the device, noticed by the hub.</summary>
    public Signal ToSignal(DeviceFacts device, DateTimeOffset now) => new()
    {
        DeviceId = device.Id,
        Id = Id,
        Kind = IsOver ? SignalKind.Restore : Kind,
        Of = IsOver ? Kind : null,
        Zone = ZoneOf(About),
        ReceivedAt = now,
        DeviceAt = At,
        Buffered = now - At > PresentMax,
        Source = SignalSource.Supervision,
    };
}
