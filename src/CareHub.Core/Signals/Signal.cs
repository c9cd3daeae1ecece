namespace CareHub.Core.Signals;

/// <summary>Something a device says that matters now, decoded, with the bytes it said it in.</summary>
internal sealed record Signal
{
    /// <summary>The device it came from.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The device's own id for it (a ULID, as a rule): what makes redelivery harmless. Unique within the device.</summary>
    public required string Id { get; init; }

    public required SignalKind Kind { get; init; }

    /// <summary>The hub's clock at receipt.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The device's clock, if it gave one.</summary>
    public DateTimeOffset? DeviceAt { get; init; }

    /// <summary>Kept on the device while it could not reach the hub: its own time then says when it happened.</summary>
    public bool Buffered { get; init; }

    /// <summary>For <see cref="SignalKind.Restore"/> and <see cref="SignalKind.Cancel"/>: what is over. Null means whatever is open.</summary>
    public SignalKind? Of { get; init; }

    /// <summary>0–1, if the device gave one.</summary>
    public double? Confidence { get; init; }

    /// <summary>Where in the site, in the device's words.</summary>
    public string? Zone { get; init; }

    /// <summary>Who noticed: the device itself, its broken connection, or the hub's supervision.</summary>
    public SignalSource Source { get; init; } = SignalSource.Device;

    /// <summary>The payload as received; empty for what the hub noticed itself.</summary>
    public ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>
    /// When it happened, as far as the hub believes it: a device's clock counts only for buffered signals, and never
    /// beyond the time of receipt.
    /// </summary>
    public DateTimeOffset OccurredAt => Buffered && DeviceAt is { } at && at < ReceivedAt ? at : ReceivedAt;
}

internal enum SignalSource : byte
{
    Device = 0,

    /// <summary>The broker published the device's last will.</summary>
    Will = 1,

    /// <summary>Nothing was heard within the device's supervision interval.</summary>
    Supervision = 2,
}
