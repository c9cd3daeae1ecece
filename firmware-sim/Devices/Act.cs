namespace CareHub.Simulator.Devices;

/// <summary>What may befall a device.</summary>
internal enum Act
{
    /// <summary>What the device is there to notice.</summary>
    Alarm,

    /// <summary>Somebody opens its case.</summary>
    Tamper,

    /// <summary>It finds something wrong with itself.</summary>
    Fault,

    /// <summary>Its battery comes to its end; somebody changes it.</summary>
    BatteryEnds,

    /// <summary>Its connection breaks for a while.</summary>
    LinkLost,
}
