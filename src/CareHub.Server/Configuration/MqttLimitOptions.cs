namespace CareHub.Server.Configuration;

/// <summary>
/// What one address and one device may take of the broker, under <c>CareHub:Mqtt:Limits</c>. The defaults let ten thousand
/// devices behind one address (a facility's gateway, a carrier's NAT) come back at once.
/// </summary>
internal sealed class MqttLimitOptions
{
    private const int Ceiling = 1_000_000;

    /// <summary>Open connections. At the bound a new one is closed as soon as it is accepted.</summary>
    public int Connections { get; set; } = 100_000;

    /// <summary>Open connections from one address (IPv4 address, IPv6 /64). At the bound as <see cref="Connections"/>.</summary>
    public int ConnectionsPerAddress { get; set; } = 20_000;

    /// <summary>Open connections of each door: plain TCP, TLS, WebSocket. At the bound as <see cref="Connections"/>, at that door alone.</summary>
    public int ConnectionsPerListener { get; set; } = 100_000;

    /// <summary>CONNECTs that one address may send at once. Beyond, they are refused: 0x9F, 3.1.1 code 3.</summary>
    public int ConnectBurstPerAddress { get; set; } = 10_000;

    /// <summary>How many CONNECTs an address gets back each second.</summary>
    public int ConnectsPerSecondPerAddress { get; set; } = 500;

    /// <summary>Signals that one device may send at once. Beyond, each waits its turn; none is shed.</summary>
    public int SignalBurst { get; set; } = 50;

    public int SignalsPerSecond { get; set; } = 10;

    /// <summary>Readings and status messages that one device may send at once. Beyond, QoS 0 is shed and counted, QoS 1 waits.</summary>
    public int TelemetryBurst { get; set; } = 200;

    public int TelemetryPerSecond { get; set; } = 20;

    public IEnumerable<string> Validate()
    {
        foreach (var (name, value) in ((string, int)[])
        [
            (nameof(Connections), Connections), (nameof(ConnectionsPerAddress), ConnectionsPerAddress), (nameof(ConnectionsPerListener), ConnectionsPerListener),
            (nameof(ConnectBurstPerAddress), ConnectBurstPerAddress), (nameof(ConnectsPerSecondPerAddress), ConnectsPerSecondPerAddress),
            (nameof(SignalBurst), SignalBurst), (nameof(SignalsPerSecond), SignalsPerSecond),
            (nameof(TelemetryBurst), TelemetryBurst), (nameof(TelemetryPerSecond), TelemetryPerSecond),
        ])
        {
            if (value is < 1 or > Ceiling)
            {
                yield return $"{name} is {value}; 1–{Ceiling} are allowed";
            }
        }
    }
}
