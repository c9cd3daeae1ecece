namespace CareHub.Simulator.Fleet;

/// <summary>The devices' day, which may go faster than ours. On the wire stands our time, since the hub lives in it.</summary>
internal sealed class SimulatedClock(TimeProvider time, double speed)
{
    private readonly long _startTimestamp = time.GetTimestamp();

    public DateTimeOffset Start { get; } = time.GetUtcNow();

    public DateTimeOffset Now => Start + (time.GetElapsedTime(_startTimestamp) * speed);

    public DateTimeOffset ToWall(DateTimeOffset simulated) => Start + ((simulated - Start) / speed);
}
