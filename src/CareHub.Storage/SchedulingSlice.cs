using System.Globalization;
using System.Runtime.InteropServices;

namespace CareHub.Storage;

/// <summary>
/// Asks Linux to let the hub's threads run soon rather than long. An alarm crosses half a dozen threads on its way to a console,
/// each of which does little; on a machine that is busy (a database on the same server) each would wait until whoever has the
/// processor has used up its slice. A thread that asks for a shorter slice than that does not (Linux 6.12 and later; older
/// ones take no notice). It takes no more of the processor for it, and needs no rights.
/// </summary>
internal static partial class SchedulingSlice
{
    /// <summary>Nanoseconds; the kernel takes 100 µs to 100 ms, and gives 1.4 ms by itself where this was measured.</summary>
    private const ulong ShortNs = 300_000;

    /// <summary>Of work that stands behind alarms: whoever has the short one takes the processor from it as soon as it wakes.</summary>
    private const ulong LongNs = 3_000_000;
    private const int GetAttributes = 315;
    private const int SetAttributes = 314;

    private static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>For all threads that there are; those that come inherit it.</summary>
    public static void Shorten()
    {
        if (!IsSupported)
        {
            return;
        }

        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            Set(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), ShortNs);
        }
    }

    /// <summary>For the thread that calls, and those that it makes.</summary>
    public static void Lengthen()
    {
        if (IsSupported)
        {
            Set(0, LongNs);
        }
    }

    private static void Set(int thread, ulong sliceNs)
    {
        var attributes = default(SchedulingAttributes);
        var size = (uint)Marshal.SizeOf<SchedulingAttributes>();

        // Only what is scheduled as everybody else: a policy that somebody has chosen stays.
        if (sched_getattr(GetAttributes, thread, ref attributes, size, 0) == 0 && attributes.Policy == 0)
        {
            attributes.Runtime = sliceNs;
            attributes.Flags = 0;
            _ = sched_setattr(SetAttributes, thread, ref attributes, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint sched_getattr(nint number, nint thread, ref SchedulingAttributes attributes, nuint size, nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint sched_setattr(nint number, nint thread, ref SchedulingAttributes attributes, nuint flags);

    /// <summary>struct sched_attr, in the first version of its layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
