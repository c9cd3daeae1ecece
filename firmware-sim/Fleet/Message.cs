using CareHub.Simulator.Devices;
using CareHub.Simulator.Wire;

namespace CareHub.Simulator.Fleet;

internal enum MessageKind
{
    Signal,
    Reading,
    Status,
}

/// <summary>Something a device has to get to the hub. It lives until the hub acknowledges it.</summary>
internal sealed class Message(MessageKind kind)
{
    public MessageKind Kind { get; } = kind;

    /// <summary>Of a signal.</summary>
    public DeviceEvent.Signal? Signal { get; init; }

    /// <summary>Of readings; what they count for is their number.</summary>
    public IReadOnlyList<TimedSample>? Samples { get; init; }

    public int Weight => Samples?.Count ?? 1;

    /// <summary>Connection during which it came about; 0 without one.</summary>
    public int BornInConnection { get; init; }

    /// <summary>Made at the first attempt and the same for every further one.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }

    public int Attempts { get; set; }

    /// <summary>Timestamp of the newest attempt.</summary>
    public long SentTimestamp { get; set; }
}
