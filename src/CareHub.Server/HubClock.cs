namespace CareHub.Server;

/// <summary>Hub time has millisecond resolution everywhere, so that what is stored, pushed and remembered is the same value.</summary>
internal static class HubClock
{
    public static DateTimeOffset HubNow(this TimeProvider time) => time.GetUtcNow().ToHubTime();

    public static DateTimeOffset ToHubTime(this DateTimeOffset now) => new(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
