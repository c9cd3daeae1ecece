using CareHub.Simulator.Scenarios;

namespace CareHub.Simulator;

/// <summary>What the command line asks for.</summary>
/// <param name="Devices">How many; null for all of the list.</param>
/// <param name="Scenario">What befalls them.</param>
/// <param name="Speed">Simulated seconds in one of ours.</param>
/// <param name="Seed">The same seed is the same day.</param>
/// <param name="Host">Where the hub listens.</param>
/// <param name="Port">Its MQTT port.</param>
/// <param name="Credentials">List of devices with secrets; null makes up devices for a broker that lets anybody in.</param>
/// <param name="Duration">When to end; null for when somebody says so.</param>
/// <param name="Plain">Lines instead of a live picture.</param>
/// <param name="RunId">Makes the ids of signals those of this run.</param>
internal sealed record SimulatorOptions(
    int? Devices,
    Scenario Scenario,
    double Speed,
    int Seed,
    string Host,
    int Port,
    FileInfo? Credentials,
    TimeSpan? Duration,
    bool Plain,
    string RunId)
{
    public const int DevicesWithoutList = 1_000;
}
