namespace CareHub.Mqtt.Sessions;

/// <summary>Milliseconds on a clock that never jumps.</summary>
internal sealed class BrokerClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeProvider Provider => time;

    public long NowMs => (long)time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>When something that lasts so many seconds from now ends.</summary>
    public long After(uint? seconds) => seconds is { } value ? NowMs + (value * 1000L) : StoredMessage.Never;

    /// <summary>Whole seconds that are left, at least 1 while there is anything left; null for never.</summary>
    public uint? SecondsUntil(long atMs) =>
        atMs == StoredMessage.Never ? null : (uint)Math.Clamp((atMs - NowMs + 999) / 1000, 0, uint.MaxValue);
}
