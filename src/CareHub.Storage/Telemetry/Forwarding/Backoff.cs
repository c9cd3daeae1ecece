namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>Pauses that double up to a bound, each shortened at random by up to half so that many hubs do not return in step.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Random random)
{
    private int _failures;

    public TimeSpan Next(TimeSpan? serverAsks) => PauseAfter(++_failures, min, max, random, serverAsks);

    /// <summary>The pause after so many failures in a row, for those who keep the count elsewhere.</summary>
    public static TimeSpan PauseAfter(int failures, TimeSpan min, TimeSpan max, Random random, TimeSpan? serverAsks)
    {
        var full = min * Math.Pow(2, Math.Min(failures - 1, 30));
        var pause = (full < max ? full : max) * (1 - (random.NextDouble() / 2));
        // A server that names a time gets it, within reason.
        return serverAsks is { } asked && asked > pause ? (asked < max ? asked : max) : pause;
    }

    public void Reset() => _failures = 0;
}
