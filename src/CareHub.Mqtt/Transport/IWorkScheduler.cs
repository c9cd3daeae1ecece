namespace CareHub.Mqtt.Transport;

/// <summary>Where the work of a connection that does not come from its socket is done: answers of the handler, and what waited for them.</summary>
internal interface IWorkScheduler
{
    /// <summary>Runs it soon, never on the spot. Safe for concurrent use.</summary>
    void Post(IThreadPoolWorkItem work);
}

/// <summary>For transports without a thread of their own.</summary>
internal sealed class PoolScheduler : IWorkScheduler
{
    public static PoolScheduler Instance { get; } = new();

    public void Post(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
