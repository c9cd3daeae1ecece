using CareHub.Simulator.Fleet;
using CareHub.Simulator.Report;

namespace CareHub.Simulator;

/// <summary>The course of a run: devices live until the end is asked for, then tell what is left, then say goodbye.</summary>
internal sealed class SimulatorRun(DeviceFleet fleet, FleetLimits limits, TimeProvider time, IRunView view)
{
    /// <summary>Runs to the end; returns how long it took.</summary>
    public async Task<TimeSpan> RunAsync(TimeSpan? duration, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        TimeSpan? drainUntil = null;
        using var timer = new PeriodicTimer(limits.Tick, time);
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            fleet.Tick();
            var elapsed = time.GetElapsedTime(started);
            view.Show(fleet.Ledger, elapsed);
            if (drainUntil is null && (stop.IsCancellationRequested || elapsed >= duration))
            {
                fleet.BeginEnd();
                drainUntil = elapsed + limits.DrainMax;
            }

            if (drainUntil is { } limit && (fleet.IsDrained || elapsed >= limit))
                break;
        }

        await fleet.EndAsync();
        return time.GetElapsedTime(started);
    }
}
