namespace CareHub.Storage;

/// <summary>
/// A thread for an asynchronous loop whose work stands behind alarms: all that it does between awaits is done here. In the thread
/// pool such work would use up, in the scheduler's eyes, the turns of the very threads that carry the next alarm.
/// </summary>
/// <remarks>
/// It gives way to whoever wakes (<see cref="SchedulingSlice"/>), but its niceness stays that of the process. Linux gives both on to
/// every thread that is made here, and the thread pool makes its threads wherever one is missed: a thread of alarms with the longer
/// slice gets no less of the processor, a nice one would for as long as it lives.
/// </remarks>
internal sealed class BehindAlarms : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private bool _ended;

    private BehindAlarms()
    {
    }

    /// <summary>Runs the loop; completes, or faults, with it.</summary>
    /// <param name="name">The thread's, as tools of the system show it: 15 characters.</param>
    /// <param name="loop">What to run.</param>
    public static Task Run(string name, Func<Task> loop)
    {
        var started = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => new BehindAlarms().Work(loop, started)) { IsBackground = true, Name = name };
        thread.Start();
        return started.Task.Unwrap();
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_posted)
        {
            if (!_ended)
            {
                _posted.Enqueue((d, state));
                Monitor.Pulse(_posted);
                return;
            }
        }

        // What the loop has left behind when it ended is nobody's turn any more.
        ThreadPool.UnsafeQueueUserWorkItem(_ => d(state), null);
    }

    public override SynchronizationContext CreateCopy() => this;

    private void Work(Func<Task> loop, TaskCompletionSource<Task> started)
    {
        SchedulingSlice.Lengthen();
        SetSynchronizationContext(this);
        started.SetResult(ToItsEndAsync(loop));
        while (Next() is { } next)
        {
            next.Callback(next.State);
        }
    }

    private async Task ToItsEndAsync(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        finally
        {
            lock (_posted)
            {
                _ended = true;
                Monitor.Pulse(_posted);
            }
        }
    }

    private (SendOrPostCallback Callback, object? State)? Next()
    {
        lock (_posted)
        {
            while (_posted.Count == 0 && !_ended)
            {
                Monitor.Wait(_posted);
            }

            return _posted.TryDequeue(out var next) ? next : null;
        }
    }
}
