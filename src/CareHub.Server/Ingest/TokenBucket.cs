namespace CareHub.Server.Ingest;

/// <summary>
/// A budget that refills with time, as the generic cell rate algorithm keeps it: one number, the time at which the next
/// take would be on schedule. Safe for concurrent use.
/// </summary>
internal sealed class TokenBucket(double perSecond, int burst)
{
    private readonly long _ticksPerToken = Math.Max(1, (long)(TimeSpan.TicksPerSecond / perSecond));
    private readonly Lock _lock = new();
    private long _scheduled;

    /// <summary>Takes one if there is one.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (WaitTicks(now) > 0)
            {
                return false;
            }

            _scheduled += _ticksPerToken;
            return true;
        }
    }

    /// <summary>Takes one, if need be on credit, and says how long to wait for it: never more than the maximum, whatever the debt.</summary>
    public TimeSpan Take(DateTimeOffset now, TimeSpan waitMax)
    {
        lock (_lock)
        {
            var wait = Math.Min(Math.Max(WaitTicks(now), 0), waitMax.Ticks);
            _scheduled = Math.Min(_scheduled + _ticksPerToken, now.UtcTicks + (burst * _ticksPerToken) + waitMax.Ticks);
            return TimeSpan.FromTicks(wait);
        }
    }

    public bool IsEmpty(DateTimeOffset now)
    {
        lock (_lock)
        {
            return WaitTicks(now) > 0;
        }
    }

    private long WaitTicks(DateTimeOffset now)
    {
        _scheduled = Math.Max(_scheduled, now.UtcTicks);
        return _scheduled + _ticksPerToken - (burst * _ticksPerToken) - now.UtcTicks;
    }
}
