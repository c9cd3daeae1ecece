namespace CareHub.Mqtt.Broker;

/// <summary>Every bound of the broker, and what happens at it. Checked by <see cref="Validate"/> when the broker is created.</summary>
public sealed class MqttLimits
{
    /// <summary>Largest packet that the specification allows: a remaining length of four bytes behind its header.</summary>
    public const int PacketBytesCeiling = 268_435_455 + 5;

    /// <summary>Open connections. At the bound a new one is closed as soon as it is accepted.</summary>
    public int ConnectionsMax { get; set; } = 100_000;

    /// <summary>
    /// Open connections from one address (IPv4 address, or IPv6 /64 network). At the bound a new one from there is closed
    /// as soon as it is accepted. Devices behind one NAT, and WebSockets behind one proxy, share an address.
    /// </summary>
    public int ConnectionsPerAddressMax { get; set; } = 100_000;

    /// <summary>
    /// Open connections of each kind of listener: plain TCP, TLS, WebSocket. At the bound a new one of that kind is closed
    /// as soon as it is accepted, so that a flood on one door leaves room at the others.
    /// </summary>
    public int ConnectionsPerListenerMax { get; set; } = 100_000;

    /// <summary>TLS handshakes under way at once, of one listener. At the bound the next connection waits in the system's backlog.</summary>
    public int TlsHandshakesMax { get; set; } = 256;

    /// <summary>Milliseconds from the transport's connect to a complete CONNECT. Then the connection is closed without an answer.</summary>
    public int ConnectTimeoutMs { get; set; } = 10_000;

    /// <summary>Milliseconds that a closing connection may take to send its last bytes. Then it is aborted.</summary>
    public int CloseTimeoutMs { get; set; } = 5_000;

    /// <summary>
    /// Largest packet accepted, in bytes, fixed header included; announced to 5.0 clients as Maximum Packet Size unless
    /// it is the <see cref="PacketBytesCeiling"/>.
    /// A larger one ends the connection as soon as its header is read (5.0: reason 0x95).
    /// </summary>
    public int PacketBytesMax { get; set; } = 256 * 1024;

    /// <summary>
    /// Publishes of QoS 1 and 2 per connection that may be unacknowledged at once; announced to 5.0 clients as Receive
    /// Maximum. A 5.0 client that exceeds it is disconnected with 0x93. For 3.1.1 clients, who cannot know it, and for
    /// QoS 0 the broker stops reading the connection until the handler has caught up.
    /// </summary>
    public ushort ReceiveMaximum { get; set; } = 1_024;

    /// <summary>Bytes of publishes per connection that may wait for the handler. At the bound the broker stops reading the connection.</summary>
    public int InboundPendingBytesMax { get; set; } = 1024 * 1024;

    /// <summary>
    /// Messages of QoS 1 and 2 sent to one client and not yet acknowledged; the client's own Receive Maximum lowers it.
    /// At the bound messages wait in the session's queue.
    /// </summary>
    public ushort InflightMax { get; set; } = 1_024;

    /// <summary>
    /// Bytes that may wait for one slow reader's transport. At the bound QoS 0 messages to it are dropped and counted,
    /// QoS 1 and 2 wait in the session's queue, and the broker stops reading its requests.
    /// </summary>
    public int OutboundBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Messages in one session's queue. At the bound the newest is dropped for this session and counted.</summary>
    public int QueuedMessagesMax { get; set; } = 10_000;

    /// <summary>Bytes of messages in one session's queue. At the bound the newest is dropped for this session and counted.</summary>
    public long QueuedBytesMax { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes of messages in all sessions' queues together, a message counted for each session that waits for it. At the
    /// bound the newest is dropped for its session and counted.
    /// </summary>
    public long QueuedBytesOfAllMax { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Sessions, connected or not. At the bound a CONNECT that needs a new one is refused with 0x97 (3.1.1: code 3).</summary>
    public int SessionsMax { get; set; } = 1_000_000;

    /// <summary>
    /// Seconds that a session may outlive its connection; <see cref="uint.MaxValue"/> is for ever. A 5.0 client that asks
    /// for more is told the bound in the CONNACK; a 3.1.1 session without Clean Session gets it silently.
    /// </summary>
    public uint SessionExpirySecondsMax { get; set; } = uint.MaxValue;

    /// <summary>
    /// Subscriptions of one session. At the bound SUBACK says 0x97 (3.1.1: 0x80). A single packet with more filters than
    /// this ends the connection (5.0: reason 0x97): they would be many times its size in memory.
    /// </summary>
    public int SubscriptionsPerSessionMax { get; set; } = 200_000;

    /// <summary>
    /// Levels of all filters of one session together: what the subscription tree may grow by one client. At the bound
    /// SUBACK says 0x97 (3.1.1: 0x80).
    /// </summary>
    public int SubscriptionLevelsPerSessionMax { get; set; } = 1_000_000;

    /// <summary>
    /// Levels of a topic name or filter; the default is mosquitto's. A deeper filter is refused in the SUBACK (0x8F; 3.1.1:
    /// 0x80), a deeper publish with 0x90 in PUBACK or PUBREC; at QoS 0 and in 3.1.1, which know no such answer, it ends the
    /// connection, and so does a deeper will topic at CONNECT.
    /// </summary>
    public int TopicLevelsMax { get; set; } = 201;

    /// <summary>Topic aliases that a 5.0 client may set on one connection; announced. A higher alias ends the connection with 0x94.</summary>
    public ushort TopicAliasMaximum { get; set; } = 32;

    /// <summary>Topic aliases that the broker sets towards one client that allows them. Further topics are sent in full.</summary>
    public ushort OutboundTopicAliasMax { get; set; } = 32;

    /// <summary>
    /// Longest keep-alive, in seconds; 65,535 leaves the choice to the client. A 5.0 client that wants more, or none,
    /// is told the bound as Server Keep Alive; a 3.1.1 client keeps its own, and none if it chose none.
    /// </summary>
    public ushort KeepAliveSecondsMax { get; set; } = ushort.MaxValue;

    /// <summary>
    /// Seconds of silence on a plain TCP connection after which TCP probes whether the peer is still there; when six probes,
    /// ten seconds apart, stay unanswered, the connection is closed as lost. It ends half-open connections of clients
    /// without a keep-alive.
    /// </summary>
    public int TcpKeepAliveSeconds { get; set; } = 60;

    /// <summary>Retained messages. At the bound a message for a new topic is routed but not kept, and counted.</summary>
    public long RetainedMessagesMax { get; set; } = 1_000_000;

    /// <summary>
    /// Bytes of retained messages, with 256 for each level that their topics add to the tree. At the bound as
    /// <see cref="RetainedMessagesMax"/>.
    /// </summary>
    public long RetainedBytesMax { get; set; } = 512L * 1024 * 1024;

    /// <summary>Milliseconds between looks at keep-alives, CONNECT timeouts, expiries and delayed wills: their resolution.</summary>
    public int SweepIntervalMs { get; set; } = 250;

    /// <summary>Checks ranges and relations; reports everything that is wrong at once.</summary>
    /// <exception cref="ArgumentException">At least one bound does not make sense.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        void Require(bool condition, string message)
        {
            if (!condition)
            {
                errors.Add(message);
            }
        }

        Require(ConnectionsMax > 0, "ConnectionsMax must be positive.");
        Require(ConnectionsPerAddressMax > 0, "ConnectionsPerAddressMax must be positive.");
        Require(ConnectionsPerListenerMax > 0, "ConnectionsPerListenerMax must be positive.");
        Require(TlsHandshakesMax > 0, "TlsHandshakesMax must be positive.");
        Require(ConnectTimeoutMs > 0, "ConnectTimeoutMs must be positive.");
        Require(CloseTimeoutMs > 0, "CloseTimeoutMs must be positive.");
        Require(PacketBytesMax is >= 128 and <= PacketBytesCeiling, $"PacketBytesMax must be between 128 and {PacketBytesCeiling}.");
        Require(ReceiveMaximum > 0, "ReceiveMaximum must be positive.");
        Require(InflightMax > 0, "InflightMax must be positive.");
        Require(InboundPendingBytesMax > 0, "InboundPendingBytesMax must be positive.");
        Require(OutboundBytesMax > 0, "OutboundBytesMax must be positive.");
        Require(QueuedMessagesMax >= 0 && QueuedBytesMax >= 0 && QueuedBytesOfAllMax >= 0, "QueuedMessagesMax, QueuedBytesMax and QueuedBytesOfAllMax must not be negative.");
        Require(SessionsMax > 0, "SessionsMax must be positive.");
        Require(SubscriptionsPerSessionMax > 0, "SubscriptionsPerSessionMax must be positive.");
        Require(SubscriptionLevelsPerSessionMax >= TopicLevelsMax, "SubscriptionLevelsPerSessionMax must leave room for one filter of TopicLevelsMax.");
        Require(TopicLevelsMax is > 0 and <= 1_000, "TopicLevelsMax must be between 1 and 1000: matching descends one stack frame a level.");
        Require(KeepAliveSecondsMax > 0, "KeepAliveSecondsMax must be positive.");
        Require(TcpKeepAliveSeconds is > 0 and <= 32_767, "TcpKeepAliveSeconds must be between 1 and 32767.");
        Require(RetainedMessagesMax >= 0 && RetainedBytesMax >= 0, "RetainedMessagesMax and RetainedBytesMax must not be negative.");
        Require(SweepIntervalMs is >= 10 and <= 1_000, "SweepIntervalMs must be between 10 and 1000: keep-alives are counted in seconds.");
        if (errors.Count > 0)
        {
#pragma warning disable MA0015 // no parameter: the object itself is wrong
            throw new ArgumentException("MqttLimits: " + string.Join(" ", errors));
#pragma warning restore MA0015
        }
    }
}
