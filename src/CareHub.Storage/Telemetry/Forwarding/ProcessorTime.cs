using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CareHub.Storage.Telemetry.Forwarding;

/// <summary>
/// Processor time of a stretch of a loop's work, which is all on the thread of the loop (<see cref="BehindAlarms"/>). The clock on the wall would count what others take of a busy machine,
/// and make forwarding rest for it.
/// </summary>
internal static partial class ProcessorTime
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    public readonly record struct Mark(TimeSpan Used, long Wall);

    public static Mark Now() => new(OfThread(), Stopwatch.GetTimestamp());

    /// <summary>Since the mark; the wall's time when the system has no such clock.</summary>
    public static TimeSpan Since(in Mark mark) =>
        OperatingSystem.IsLinux() ? OfThread() - mark.Used : Stopwatch.GetElapsedTime(mark.Wall);

    private static TimeSpan OfThread() =>
        OperatingSystem.IsLinux() && clock_gettime(ThreadClock, out var used) == 0 ? TimeSpan.FromSeconds(used.Seconds) + TimeSpan.FromMicroseconds(used.Nanoseconds / 1_000) : TimeSpan.Zero;

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
