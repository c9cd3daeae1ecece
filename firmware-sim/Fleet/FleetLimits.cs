namespace CareHub.Simulator.Fleet;

/// <summary>Every bound of the simulator.</summary>
internal sealed record FleetLimits
{
    public static FleetLimits Default { get; } = new();

    /// <summary>New connections a second: a hub has better things to do than handshakes.</summary>
    public double ConnectsPerSecond { get; init; } = 200;

    /// <summary>Handshakes at the same time.</summary>
    public int ConnectingMax { get; init; } = 100;

    /// <summary>Unacknowledged messages of one device.</summary>
    public int InFlightMax { get; init; } = 8;

    /// <summary>Signals a device remembers while nobody takes them; the oldest are overwritten.</summary>
    public int SignalsKeptMax { get; init; } = 256;

    /// <summary>Samples a device remembers while nobody takes them; the oldest are overwritten.</summary>
    public int SamplesKeptMax { get; init; } = 512;

    /// <summary>Samples in one message after an offline spell.</summary>
    public int SamplesPerMessageMax { get; init; } = 50;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause before connecting again; it doubles from there.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the end waits for what is not acknowledged yet.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the fleet looks at its clock and its mail.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(40);
}
