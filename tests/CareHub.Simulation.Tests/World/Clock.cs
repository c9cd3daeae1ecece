namespace CareHub.Simulation.Tests.World;

/// <summary>Virtual time, and what is to happen in it: a queue of events, ties in the order in which they were made.</summary>
internal sealed class Clock : TimeProvider
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Order)> _events = new();
    private long _order;

    /// <summary>Midday UTC, in whole milliseconds as all hub time is.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>Events so far: the step that a failure names.</summary>
    public long Steps { get; private set; }

    public override DateTimeOffset GetUtcNow() => Now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    public void At(DateTimeOffset at, Action action) => _events.Enqueue(action, (at > Now ? at : Now, _order++));

    /// <summary>Runs the next event if it comes no later than <paramref name="end"/>.</summary>
    public bool Step(DateTimeOffset end)
    {
        if (!_events.TryPeek(out var action, out var key) || key.At > end)
        {
            Now = end;
            return false;
        }

        _events.Dequeue();
        Now = key.At;
        Steps++;
        action();
        return true;
    }
}
