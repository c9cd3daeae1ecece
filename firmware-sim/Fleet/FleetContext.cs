using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Fleet;

/// <summary>What the sessions of a fleet share.</summary>
internal sealed record FleetContext(
    int Seed,
    string RunId,
    FleetLimits Limits,
    Ledger Ledger,
    IDeviceLinkFactory Links,
    SimulatedClock Clock,
    TimeProvider Time,
    Action<Notice> Post,
    Action<DeviceSession, TimeSpan> ConnectLater);
