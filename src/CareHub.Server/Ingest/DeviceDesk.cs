using System.Collections.Concurrent;
using CareHub.Server.Health;
using CareHub.Server.Presence;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Server.Ingest;

/// <summary>All that a message of a device needs of the hub's memory, found at once.</summary>
/// <param name="Version">The snapshot of the registry for which it is right: another one may have moved the device.</param>
internal sealed record DeviceDesk(object Version, DevicePresence Presence, PublishBudget Budget, DeviceSeries Series, DeviceHealth Health);

/// <summary>Four books in one: with ten thousands of devices each look-up is a miss of the processor's cache.</summary>
internal sealed class DeskBook(RegistryView registry, PresenceBook presence, PublishBudgets budgets, TelemetryLane telemetry, HealthBook health)
{
    private readonly ConcurrentDictionary<string, DeviceDesk> _desks = new(StringComparer.Ordinal);

    /// <summary>Only registered devices are asked for, which bounds the book.</summary>
    public DeviceDesk Of(DeviceEntry device)
    {
        var version = registry.Current;
        if (_desks.TryGetValue(device.Id, out var desk) && ReferenceEquals(desk.Version, version))
        {
            return desk;
        }

        desk = new DeviceDesk(version, presence.Of(device.Id), budgets.Of(device.Id), telemetry.Of(device.Id), health.Of(device.Id));
        _desks[device.Id] = desk;
        return desk;
    }
}
