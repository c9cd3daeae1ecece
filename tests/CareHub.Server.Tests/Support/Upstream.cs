using CareHub.Mqtt.Tests.Support;
using CareHub.Server.Bridge;
using Microsoft.Extensions.DependencyInjection;

namespace CareHub.Server.Tests.Support;

/// <summary>A real mosquitto that a hub bridges to.</summary>
internal static class Upstream
{
    public const string Signals = "hub-signals";
    public const string Telemetry = "hub-telemetry";

    public static BridgeOptions BridgeOf(MosquittoBroker broker, string clientId = "hub", string version = "5") =>
        new() { Name = "city", Url = $"mqtt://127.0.0.1:{broker.Port}", ClientId = clientId, Version = version };

    /// <summary>A hub whose both lanes are subscribed.</summary>
    public static async Task<TestHub> HubAsync(MosquittoBroker broker, BridgeOptions bridge)
    {
        var hub = await TestHub.StartAsync(configure: options => options.Bridges.Add(bridge));
        await broker.LogAsync($"Sending SUBACK to {bridge.ClientId}-signals");
        await broker.LogAsync($"Sending SUBACK to {bridge.ClientId}-telemetry");
        return hub;
    }

    public static Task SignalAsync(this MosquittoBroker broker, string deviceId, string json, params string[] more) => broker.PublishAsync($"care/v1/{deviceId}/signal", json, more);

    /// <summary>Returns when the other broker has acknowledged.</summary>
    public static async Task PublishAsync(this MosquittoBroker broker, string topic, string json, params string[] more)
    {
        var (exit, output) = await Mosquitto.PublishAsync(broker.Port, ["-q", "1", "-t", topic, "-m", json, .. more]);
        Assert.True(exit == 0, output);
    }

    public static BridgeStatus BridgeStatus(this TestHub hub, BridgeLane lane = BridgeLane.Signals) =>
        hub.Services.GetRequiredService<BridgeService>().Status.Single(status => status.Lane == lane);
}
