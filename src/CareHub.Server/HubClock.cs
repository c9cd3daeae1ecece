namespace CareHub.Server;

/// <summary>Hub time has millisecond resolution everywhere, so that what is stored, pushed and remembered is the same value.</summary>
internal static class HubClock
{
    public static DateTimeOffset HubNow(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }
}
