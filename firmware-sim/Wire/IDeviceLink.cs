using CareHub.Mqtt.Packets;
using CareHub.Simulator.Devices;

namespace CareHub.Simulator.Wire;

/// <summary>One connection of one device. Closed once, it is thrown away.</summary>
internal interface IDeviceLink
{
    /// <summary>Completes with the hub's verdict; faults when there is no connection to be had.</summary>
    Task<ReasonCode> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Completes with the acknowledgement's reason (QoS 1), or when it is on its way (QoS 0). Faults when the connection
    /// ends first: then nobody knows whether the hub has it.
    /// </summary>
    Task<ReasonCode> PublishAsync(string topic, ReadOnlyMemory<byte> payload, byte qos, bool retain);

    /// <summary>Completes when the connection has ended, however. Never faults.</summary>
    Task Closed { get; }

    /// <summary>Drops the connection without a goodbye, as a power cut does; the hub publishes the will.</summary>
    void Abort();

    /// <summary>Says goodbye; the hub forgets the will.</summary>
    Task DisconnectAsync();
}

/// <summary>Makes links; a seam for tests of the fleet without a network.</summary>
internal interface IDeviceLinkFactory
{
    IDeviceLink Create(DeviceIdentity device);
}
