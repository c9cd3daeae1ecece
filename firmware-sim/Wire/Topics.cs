namespace CareHub.Simulator.Wire;

/// <summary>The native topics of one device (design: "Devices on the wire").</summary>
internal sealed record Topics(string Signal, string Reading, string Status)
{
    public static Topics Of(string deviceId) => new($"care/v1/{deviceId}/signal", $"care/v1/{deviceId}/reading", $"care/v1/{deviceId}/status");
}
