namespace CareHub.Mqtt.Broker;

/// <summary>What the broker had to drop, and why; counted since it was created.</summary>
public sealed class BrokerStatistics
{
    private long _slowReader;
    private long _queueFull;
    private long _expired;
    private long _tooLarge;
    private long _retainedFull;
    private long _refusedConnections;

    /// <summary>QoS 0 messages dropped because the subscriber did not read fast enough.</summary>
    public long DroppedForSlowReader => Interlocked.Read(ref _slowReader);

    /// <summary>QoS 1 and 2 messages dropped because a session's queue was full.</summary>
    public long DroppedForFullQueue => Interlocked.Read(ref _queueFull);

    /// <summary>Messages whose expiry interval passed before they could be sent.</summary>
    public long Expired => Interlocked.Read(ref _expired);

    /// <summary>Messages larger than the subscriber's Maximum Packet Size.</summary>
    public long DroppedAsTooLarge => Interlocked.Read(ref _tooLarge);

    /// <summary>Retained messages that were routed but not kept because the store was full.</summary>
    public long RetainedNotKept => Interlocked.Read(ref _retainedFull);

    /// <summary>Connections closed at once because <see cref="MqttLimits.ConnectionsMax"/> or <see cref="MqttLimits.ConnectionsPerAddressMax"/> was reached.</summary>
    public long RefusedConnections => Interlocked.Read(ref _refusedConnections);

    internal void CountDropped(bool connected)
    {
        if (connected)
        {
            Interlocked.Increment(ref _slowReader);
        }
    }

    internal void CountQueueFull() => Interlocked.Increment(ref _queueFull);

    internal void CountExpired() => Interlocked.Increment(ref _expired);

    internal void CountTooLarge() => Interlocked.Increment(ref _tooLarge);

    internal void CountRetainedFull() => Interlocked.Increment(ref _retainedFull);

    internal void CountRefusedConnection() => Interlocked.Increment(ref _refusedConnections);
}
