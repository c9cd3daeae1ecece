namespace CareHub.Server.Bridge;

/// <summary>
/// Each lane is a session of its own on the other broker: readings that fill a window or a queue there take no place from
/// a signal.
/// </summary>
internal enum BridgeLane
{
    Signals,
    Telemetry,
}
