namespace CareHub.Server;

/// <summary>Every bound of the hub's own queues and payloads, and what happens there. The broker's are in its MqttLimits.</summary>
internal static class Limits
{
    /// <summary>
    /// Work waiting in one triage shard. At the bound the publisher waits unacknowledged and its connection is not read
    /// beyond its in-flight window: nothing is forgotten, devices keep what they have.
    /// </summary>
    public const int ShardQueueMax = 8_192;

    /// <summary>Work taken into one step-and-commit round of a shard.</summary>
    public const int ShardBatchMax = 512;

    /// <summary>
    /// Sites stepped in such a round only because a deadline of theirs has come. The others wait for the next round, and nobody who has just
    /// pressed waits for them.
    /// </summary>
    public const int ShardDueMax = 128;

    /// <summary>Sites are spread over this many shards.</summary>
    public const int Shards = 4;

    /// <summary>Points that InfluxDB refuses and that are kept word for word: so many at once, then so many a second. Of more only the number is kept.</summary>
    public const int RejectedPointsBurst = 200;

    /// <inheritdoc cref="RejectedPointsBurst"/>
    public const double RejectedPointsPerSecond = 0.5;

    /// <summary>Findings of health rules that wait to be said, and batteries whose past is to be looked up. At the bound a finding waits among the unsaid, and a battery's value is counted as missed.</summary>
    public const int HealthQueueMax = 16_384;

    /// <summary>Findings of health rules that wait for a commit to succeed. At the bound the newest is dropped and counted as missed.</summary>
    public const int HealthUnsaidMax = 10_000;

    /// <summary>Changes kept for consoles that were away; who missed more takes a fresh snapshot.</summary>
    public const int FeedRingMax = 4_096;

    /// <summary>
    /// Regions with a desk on duty that one console is told of. Beyond it the console is told of none and sounds for
    /// everything it shows, as if they were not there.
    /// </summary>
    public const int NearerDesksMax = 2_048;

    /// <summary>Readings in one message; a message with more is quarantined.</summary>
    public const int ReadingsPerMessageMax = 1_000;

    /// <summary>
    /// Largest size of a measured value; a message with a larger one is quarantined. Nothing measures so much, and the sum of
    /// a few near the end of what a double holds would be no number any more: not in a window, and not on a chart.
    /// </summary>
    public const double ReadingSizeMax = 1e15;

    /// <summary>Bytes of an undecodable payload that are kept.</summary>
    public const int QuarantineBytesMax = 64 * 1024;

    /// <summary>Messages of a bridge's lane that may wait for their commit. At the bound the other broker sends no more until one is acknowledged.</summary>
    public const ushort BridgeWindow = 1_024;

    /// <summary>
    /// Largest packet of another broker. What is larger ends that connection (3.1.1) or is left out by that broker (5.0);
    /// a payload above <see cref="PacketBytesMax"/> goes into quarantine.
    /// </summary>
    public const int BridgePacketBytesMax = 4 * 1024 * 1024;

    /// <summary>Strangers and old signals that a bridge remembers so as to say each once. At the bound it begins anew.</summary>
    public const int BridgeMemoryMax = 10_000;

    /// <summary>Largest MQTT packet, fixed header included. A larger one ends the connection.</summary>
    public const int PacketBytesMax = 256 * 1024;

    /// <summary>
    /// Changes of sessions that wait for broker.db's next transaction. At the bound the broker waits with them: nothing
    /// recorded is dropped. As many may be in the transaction that is under way.
    /// </summary>
    public const int BrokerChangesMax = 65_536;

    /// <summary>Bytes of messages in those changes, each counted as often as it is named. At the bound as <see cref="BrokerChangesMax"/>.</summary>
    public const long BrokerChangesBytesMax = 64 * 1024 * 1024;

    /// <summary>Milliseconds between tries while broker.db cannot be written.</summary>
    public const int BrokerStoreRetryMs = 500;

    /// <summary>
    /// Longest that a signal beyond its device's budget waits, unacknowledged. The bound keeps a window full of waiting
    /// messages from holding up what comes behind it on the same connection.
    /// </summary>
    public static readonly TimeSpan SignalWaitMax = TimeSpan.FromSeconds(2);

    /// <summary>As <see cref="SignalWaitMax"/>, for QoS 1 telemetry; QoS 0 readings beyond the budget are shed and counted.</summary>
    public static readonly TimeSpan TelemetryWaitMax = TimeSpan.FromSeconds(2);

    /// <summary>Refusals kept for the console; the oldest makes room.</summary>
    public const int RefusalsMax = 500;

    /// <summary>Addresses and names whose failed logins are remembered; beyond, those not seen for longest are forgotten.</summary>
    public const int FailedLoginsMax = 20_000;

    /// <summary>Devices whose last good address is remembered, and addresses whose connect rate is; beyond, as <see cref="FailedLoginsMax"/>.</summary>
    public const int KnownAddressesMax = 200_000;

    /// <summary>As <see cref="KnownAddressesMax"/>.</summary>
    public const int AddressesMax = 50_000;

    /// <summary>Wrong claim codes from one address in a row are throttled as failed logins are; a code lives at most this long.</summary>
    public const int ClaimCodeHoursMax = 30 * 24;

    /// <summary>Longest time for which a replaced secret stays valid.</summary>
    public const int SecretOverlapHoursMax = 30 * 24;

    /// <summary>Recipients that may be configured, and that one escalation tells; more is an error at start, or left out.</summary>
    public const int NotifyRecipientsMax = 200;

    /// <summary>Notifications that one channel sends at once; the others wait in the outbox.</summary>
    public const int NotifyConcurrencyMax = 8;

    /// <summary>Longest that one attempt may take; then it is tried again.</summary>
    public static readonly TimeSpan NotifyAttemptMax = TimeSpan.FromSeconds(15);

    /// <summary>Pause after a first failed attempt; it doubles, shortened at random by up to half.</summary>
    public static readonly TimeSpan NotifyPauseMin = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause, also where the other side asks for more.</summary>
    public static readonly TimeSpan NotifyPauseMax = TimeSpan.FromMinutes(5);

    /// <summary>Age at which a notification that fails is given up: later it helps nobody. That is an alarm of the hub.</summary>
    public static readonly TimeSpan NotifyAgeMax = TimeSpan.FromHours(6);

    /// <summary>As <see cref="NotifyAgeMax"/>, by attempts.</summary>
    public const int NotifyAttemptsMax = 200;

    /// <summary>A notification that has been failing for this long is an alarm of the hub.</summary>
    public static readonly TimeSpan NotifyFailingMax = TimeSpan.FromMinutes(3);

    /// <summary>How long one that was given up stays an alarm while the channel has nothing else to deliver.</summary>
    public static readonly TimeSpan NotifyGaveUpFor = TimeSpan.FromHours(24);

    /// <summary>Days for which finished notifications are kept; the alarm's timeline keeps their receipts.</summary>
    public const int NotificationDays = 90;

    /// <summary>Text of the rules that the API takes; a longer file can be put in place by hand.</summary>
    public const int RulesCharsMax = 1_000_000;

    /// <summary>Sets of labels of one metric; what comes beyond is added up under <c>otel_metric_overflow</c>.</summary>
    public const int MetricSeriesMax = 500;

    /// <summary>Raised alarms whose signal's arrival is remembered for the metric of press to push; beyond, a measurement is left out.</summary>
    public const int PressesRemembered = 8_192;

    /// <summary>Cards and pages of readings that are open, of all users; beyond, they count as opened anew, and are put on record once more.</summary>
    public const int OpeningsRemembered = 10_000;

    public const int NoteCharsMax = 2_000;

    public const int PageMax = 500;
}
