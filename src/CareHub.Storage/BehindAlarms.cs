using System.Runtime.InteropServices;

namespace CareHub.Storage;

/// <summary>
/// A thread for an asynchronous loop whose work may be put off: all that it does between awaits is done here, and Linux gives
/// this thread the processor after those that an alarm passes through. In the thread pool such work would use up the turns of
/// the very threads that carry the next alarm.
/// </summary>
internal sealed partial class BehindAlarms : SynchronizationContext
{
    /// <summary>A third of the weight of an ordinary thread when both want the processor; never nothing, for it may hold what others wait for.</summary>
    private const int Niceness = 5;
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
        YieldToOthers();
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

    private static void YieldToOthers()
    {
        if (OperatingSystem.IsLinux())
        {
            // The calling thread; a process may always step back.
            _ = setpriority(0, 0, Niceness);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}
