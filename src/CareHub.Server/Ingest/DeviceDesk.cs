using CareHub.Server.Presence;
using CareHub.Storage.Registry;
using CareHub.Storage.Telemetry.Spool;

namespace CareHub.Server.Ingest;

/// <summary>All that a message of a device needs, from three books in one place: with ten thousands of devices each look-up is a miss of the cache.</summary>
internal sealed record DeviceDesk(DevicePresence Presence, PublishBudget Budget, DeviceSeries Series)
{
    /// <summary>The desk of a device of the current snapshot; another snapshot has another entry, and with it the tags that are right then.</summary>
    public static DeviceDesk Of(DeviceEntry device, PresenceBook presence, PublishBudgets budgets, TelemetryLane telemetry)
    {
        if (device.Kept is DeviceDesk desk)
        {
            return desk;
        }

        desk = new DeviceDesk(presence.Of(device.Id), budgets.Of(device.Id), telemetry.Of(device.Id));
        device.Kept = desk;
        return desk;
    }
}
