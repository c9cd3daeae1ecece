using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CareHub.Bench.Load;

/// <summary>
/// Waits for the moment at which something is due and takes almost no processor for it. <see cref="Thread.Sleep(TimeSpan)"/> counts in
/// whole milliseconds: for less it only yields, and a generator that yields until the next press takes a whole processor from
/// the hub that it measures.
/// </summary>
internal static partial class Pace
{
    /// <summary>How late Linux may wake a thread that sleeps (its timer slack of 50 µs and the way there); the rest is spun.</summary>
    private static readonly long _margin = Stopwatch.Frequency / 12_500;

    /// <param name="due">Timestamp of <see cref="Stopwatch"/>.</param>
    public static void Until(long due)
    {
        while (due - Stopwatch.GetTimestamp() is var left && left > 0)
        {
            if (left > 2 * _margin)
            {
                var nanoseconds = (left - _margin) * (1_000_000_000 / Stopwatch.Frequency);
                _ = nanosleep(new Duration { Seconds = (nint)(nanoseconds / 1_000_000_000), Nanoseconds = (nint)(nanoseconds % 1_000_000_000) }, 0);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int nanosleep(in Duration duration, nint remaining);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Duration
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
