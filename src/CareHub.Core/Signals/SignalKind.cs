namespace CareHub.Core.Signals;

/// <summary>What a device can say that matters now. The numbers are stored; never renumber.</summary>
internal enum SignalKind : byte
{
    Fall = 1,
    Button = 2,
    Smoke = 3,
    Heat = 4,
    Co = 5,
    Gas = 6,
    Water = 7,
    BedExit = 8,
    Door = 9,
    Inactivity = 10,
    Wander = 11,
    Vital = 12,
    Tamper = 13,
    Fault = 14,
    LowBattery = 15,
    Test = 16,
    Cancel = 17,
    Restore = 18,
    Offline = 19,
    Online = 20,

    /// <summary>The hub's own finding: the device's connection comes and goes too often.</summary>
    Flapping = 21,

    /// <summary>The hub's own finding: many devices of a region have fallen silent at once.</summary>
    Outage = 22,
}
