using CareHub.Core.Alarms;
using CareHub.Core.Devices;
using CareHub.Core.Signals;

namespace CareHub.Core.Silences;

/// <summary>
/// A time-limited, authored silence of one device or one kind of alarm at a site (ISA-18.2 SHLVD). It covers no critical
/// alarm and no fire, and never everything.
/// </summary>
internal sealed record Shelf(string Id, string? DeviceId, SignalKind? Kind, Author Author, string Reason, DateTimeOffset From, DateTimeOffset Until)
{
    public bool Covers(Alarm alarm) => (DeviceId is null || DeviceId == alarm.DeviceId) && (Kind is null || Kind == alarm.Kind);
}

internal enum MaintenanceMode : byte
{
    /// <summary>An installer sets devices off on purpose: what they say is a test, counted for the installer, and no alarm.</summary>
    WalkTest = 1,

    /// <summary>The device does not work for a time (OOSRV): what it says is on record and not annunciated.</summary>
    OutOfService = 2,
}

/// <summary>Work on a device, or on a site's devices.</summary>
/// <param name="DeviceId">The device; null for all devices of the site, which only a walk test may name.</param>
/// <param name="Tests">Signals received in a walk test.</param>
internal sealed record Maintenance(string Id, MaintenanceMode Mode, string? DeviceId, Author Author, string Reason, DateTimeOffset From, DateTimeOffset Until, int Tests = 0)
{
    public bool Covers(DeviceFacts device) => DeviceId is null || DeviceId == device.Id;

    public bool Covers(Alarm alarm) => DeviceId is null || DeviceId == alarm.DeviceId;
}
