using CareHub.Core.Telemetry;
using CareHub.Storage.Telemetry;

namespace CareHub.Storage.Tests.Telemetry.Support;

internal static class Some
{
    /// <summary>A moment with ticks below the millisecond.</summary>
    public static DateTimeOffset Time { get; } = new DateTimeOffset(2026, 11, 22, 3, 4, 5, 678, TimeSpan.Zero).AddTicks(1234);

    /// <summary>Limits with which a test need not wait.</summary>
    public static TelemetryLimits QuickLimits { get; } = TelemetryLimits.Default with
    {
        ForwardInterval = TimeSpan.FromMilliseconds(10),
        BackoffMin = TimeSpan.FromMilliseconds(10),
        BackoffMax = TimeSpan.FromMilliseconds(100),
    };

    public static Reading Reading(double value = 71, double secondsLater = 0, string device = "vit-0012", string name = "heart_rate") =>
        new(device, name, value, Time.AddSeconds(secondsLater));

    public static TriageEvent Event(long cursor, string kind = "smoke", string site = "home-0012") =>
        new(cursor, Time, "raised", kind, "device", $"smk-{cursor:0000}", site, "hz-gs", $"{site}.{cursor}", 0);

    public static AlarmTransition Change(long cursor, string change = "raised", bool isFirst = true, long ageMs = 0, string site = "home-0012", string? disposition = null) =>
        new(cursor, Time, $"{site}.1", change, isFirst, "fall", "critical", "fall-0012", site, ageMs, disposition);
}
