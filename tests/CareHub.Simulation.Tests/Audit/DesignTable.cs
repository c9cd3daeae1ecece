using CareHub.Core.Alarms;
using CareHub.Core.Signals;

namespace CareHub.Simulation.Tests.Audit;

/// <summary>The design's tables as numbers, written down a second time: nothing here is read from the hub.</summary>
internal static class DesignTable
{
    public static readonly TimeSpan CancelWindow = TimeSpan.FromSeconds(20);
    public static readonly TimeSpan OfflineDelay = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan NewCallAfter = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan InhibitionGrace = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan CoincidenceWindow = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan ShelfMax = TimeSpan.FromHours(8);
    public const int SilencesPerSiteMax = 64;
    public const int BatchMax = 512;
    public const int RingMax = 4_096;

    /// <summary>Whom an escalation turns to, from near to far.</summary>
    public static readonly string[] Targets = ["region", "next_level", "supervisor", "contacts"];

    /// <summary>Whoever is told by other means than a console.</summary>
    public const int Supervisor = 2;

    public readonly record struct Tier(bool OnlyUnseen, int Seconds, int Target);

    private static readonly HashSet<string> NoLifeDependsOn = new(StringComparer.Ordinal) { "bed_sensor", "water_sensor", "door_sensor", "environment_sensor" };

    public static bool IsSafety(string deviceKind) => !NoLifeDependsOn.Contains(deviceKind);

    public static bool IsFire(SignalKind kind) => kind is SignalKind.Smoke or SignalKind.Heat or SignalKind.Co or SignalKind.Gas;

    public static bool IsLatching(SignalKind kind) => kind is SignalKind.Button or SignalKind.Fall;

    /// <summary>What asks for somebody; all else is news of a condition or of a connection, or a test.</summary>
    public static bool Calls(SignalKind kind) => kind is not (SignalKind.Test or SignalKind.Cancel or SignalKind.Restore or SignalKind.Online or SignalKind.Offline);

    /// <summary>A door matters between 22:00 and 06:00.</summary>
    public static bool IsNight(DateTimeOffset at) => at.UtcDateTime.Hour is >= 22 or < 6;

    public static bool MayAutoClose(SignalKind kind) => kind is SignalKind.Offline or SignalKind.LowBattery or SignalKind.Fault;

    public static Priority PriorityOf(SignalKind kind, string deviceKind, double? confidence) => kind switch
    {
        SignalKind.Fall => confidence < 0.5 ? Priority.High : Priority.Critical,
        SignalKind.Button or SignalKind.Smoke or SignalKind.Heat or SignalKind.Co or SignalKind.Gas => Priority.Critical,
        SignalKind.Water or SignalKind.Wander or SignalKind.Inactivity or SignalKind.Vital => Priority.High,
        SignalKind.BedExit or SignalKind.Door or SignalKind.Tamper => Priority.Medium,
        SignalKind.Offline => IsSafety(deviceKind) ? Priority.Medium : Priority.Low,
        _ => Priority.Low,
    };

    public static IReadOnlyList<Tier> TiersOf(Priority priority) => priority switch
    {
        Priority.Critical => Critical,
        Priority.High => High,
        Priority.Medium => Medium,
        _ => [],
    };

    /// <summary>Acknowledged, and nobody claims: it sounds anew after this.</summary>
    public static TimeSpan? UnclaimedMax(Priority priority) => priority switch
    {
        Priority.Critical => TimeSpan.FromSeconds(120),
        Priority.High => TimeSpan.FromMinutes(10),
        _ => null,
    };

    /// <summary>Claimed, and nothing moves: reminded, and 30 s later given back, after this in all.</summary>
    public static TimeSpan? ClaimMax(Priority priority) => priority switch
    {
        Priority.Critical => TimeSpan.FromSeconds(90),
        Priority.High or Priority.Medium => TimeSpan.FromSeconds(330),
        _ => null,
    };

    private static readonly Tier[] Critical = [new(true, 5, 0), new(false, 30, 1), new(false, 60, 2), new(false, 180, 3)];
    private static readonly Tier[] High = [new(false, 180, 1), new(false, 600, 2)];
    private static readonly Tier[] Medium = [new(false, 900, 2)];
}
