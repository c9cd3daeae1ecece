namespace CareHub.Server;

/// <summary>
/// The hub's clock: it never goes back and never jumps. Deadlines of seconds hang on it, and a wall clock that is set an
/// hour forward would let them all pass at once, one set back would hold an alarm for an hour. It follows the wall clock
/// slowly, at most a tenth faster or slower than time passes.
/// </summary>
internal sealed class SteadyTime : TimeProvider
{
    /// <summary>Further than this from the wall clock is a step, and something a person should know.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    /// <summary>Share of the passing time by which the clock may gain or lose on its way to the wall clock.</summary>
    private const double FollowShare = 0.1;

    private static readonly TimeSpan Credible = TimeSpan.FromDays(1);

    private readonly TimeProvider _wall;
    private readonly Lock _lock = new();
    private long _readAt;
    private long _ticks;

    /// <param name="wall">The wall clock, with its monotonic counter.</param>
    /// <param name="notBefore">
    /// The latest time on record: a wall clock that was set back while the hub was down must not repeat it. More than a day
    /// ahead of the wall clock, it is the record that was wrong.
    /// </param>
    public SteadyTime(TimeProvider wall, DateTimeOffset? notBefore)
    {
        _wall = wall;
        _readAt = wall.GetTimestamp();
        var now = wall.GetUtcNow();
        _ticks = (notBefore > now && notBefore - now < Credible ? notBefore.Value : now).UtcTicks;
    }

    /// <summary>Whether the wall clock has been set and this clock is still on its way to it.</summary>
    public bool IsOffWall => (GetUtcNow() - _wall.GetUtcNow()).Duration() > Step;

    public override TimeZoneInfo LocalTimeZone => _wall.LocalTimeZone;

    public override long TimestampFrequency => _wall.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            var readAt = _wall.GetTimestamp();
            var passed = _wall.GetElapsedTime(_readAt, readAt).Ticks;
            _readAt = readAt;
            var behind = _wall.GetUtcNow().UtcTicks - (_ticks + passed);
            var follow = (long)(passed * FollowShare);
            _ticks += passed + Math.Clamp(behind, -follow, follow);
            return new DateTimeOffset(_ticks, TimeSpan.Zero);
        }
    }

    public override long GetTimestamp() => _wall.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _wall.CreateTimer(callback, state, dueTime, period);
}
