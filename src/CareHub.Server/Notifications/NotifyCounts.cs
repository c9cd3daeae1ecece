namespace CareHub.Server.Notifications;

/// <summary>What became of notifications since the hub started.</summary>
internal sealed class NotifyCounts
{
    private long _delivered;
    private long _givenUp;
    private long _failedAttempts;

    public long Delivered => Interlocked.Read(ref _delivered);

    public long GivenUp => Interlocked.Read(ref _givenUp);

    public long FailedAttempts => Interlocked.Read(ref _failedAttempts);

    public void CountDelivered() => Interlocked.Increment(ref _delivered);

    public void CountGivenUp() => Interlocked.Increment(ref _givenUp);

    public void CountFailedAttempt() => Interlocked.Increment(ref _failedAttempts);
}
