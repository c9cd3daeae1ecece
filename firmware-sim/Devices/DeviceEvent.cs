namespace CareHub.Simulator.Devices;

/// <summary>Something a device does, at a simulated time.</summary>
internal abstract record DeviceEvent(DateTimeOffset At)
{
    /// <summary>It has something to say that matters now.</summary>
    /// <param name="At">When.</param>
    /// <param name="Number">Counts this device's signals from 1; together with the run it makes the id.</param>
    /// <param name="Type">Signal type of the wire format.</param>
    /// <param name="Details">Further fields.</param>
    public sealed record Signal(DateTimeOffset At, int Number, string Type, SignalDetails Details) : DeviceEvent(At);

    /// <summary>It has measured.</summary>
    public sealed record Sample(DateTimeOffset At, IReadOnlyList<Measurement> Values) : DeviceEvent(At);

    /// <summary>It says that it lives.</summary>
    public sealed record Heartbeat(DateTimeOffset At, int BatteryPercent) : DeviceEvent(At);

    /// <summary>Its connection breaks without a goodbye, and it cannot connect for now.</summary>
    public sealed record LinkLost(DateTimeOffset At) : DeviceEvent(At);

    /// <summary>It can connect again.</summary>
    public sealed record LinkBack(DateTimeOffset At) : DeviceEvent(At);
}

/// <summary>Optional fields of a signal.</summary>
/// <param name="Zone">Where in the home.</param>
/// <param name="Confidence">How sure the device is, 0 to 1.</param>
/// <param name="Of">For <c>restore</c> and <c>cancel</c>: the type of signal that it takes back.</param>
/// <param name="Value">The measurement behind it.</param>
internal readonly record struct SignalDetails(string? Zone = null, double? Confidence = null, string? Of = null, double? Value = null);

internal readonly record struct Measurement(string Name, double Value);
