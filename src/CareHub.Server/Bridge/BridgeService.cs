using CareHub.Server.Configuration;
using CareHub.Server.Ingest;
using CareHub.Storage;

namespace CareHub.Server.Bridge;

/// <summary>All bridges, while the host runs; they start after, and stop before, what their messages pass through.</summary>
internal sealed class BridgeService : BackgroundService
{
    private readonly List<BridgeState> _states = [];
    private readonly List<BridgeLink> _links = [];

    public BridgeService(HubOptions options, DataDirectory data, RegistryView registry, DeviceIngest ingest, BridgeQuarantine quarantine, TimeProvider time, ILoggerFactory logs)
    {
        foreach (var bridge in options.Bridges)
        {
            foreach (var lane in Enum.GetValues<BridgeLane>().Where(lane => bridge.FiltersOf(lane).Count > 0))
            {
                var state = new BridgeState(bridge.Name, lane);
                var intake = new BridgeIntake(registry, ingest, quarantine, state, logs.CreateLogger<BridgeIntake>());
                _states.Add(state);
                _links.Add(new BridgeLink(bridge, ClientIdOf(bridge, lane, data), state, intake, time, logs.CreateLogger<BridgeLink>()));
            }
        }
    }

    public IReadOnlyList<BridgeStatus> Status => [.. _states.Select(state => state.Snapshot())];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_links.Select(link => link.RunAsync(stoppingToken)));

    private static string ClientIdOf(BridgeOptions bridge, BridgeLane lane, DataDirectory data)
    {
        var own = string.IsNullOrEmpty(bridge.ClientId) ? $"carehub-{BridgeIdentity.Of(data)}-{bridge.Name}" : bridge.ClientId;
        return $"{own}-{(lane == BridgeLane.Signals ? "signals" : "telemetry")}";
    }
}
