using System.Runtime.InteropServices;

namespace CareHub.Storage.Telemetry.Spool;

/// <summary>
/// Puts the entry of a new file on disk: without it a power cut may leave a file that was written and synced, and has no
/// name. .NET opens no directories, so this asks the C library. Other systems than Unix keep names with the file.
/// </summary>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;

    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = open(directory, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"The folder {directory} cannot be opened (errno {Marshal.GetLastPInvokeError()}).");
        var failed = fsync(descriptor) != 0 ? Marshal.GetLastPInvokeError() : 0;
        _ = close(descriptor);
        if (failed != 0)
            throw new IOException($"The folder {directory} cannot be put on disk (errno {failed}).");
    }

#pragma warning disable SA1300, IDE1006 // names of the C library
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
#pragma warning restore SA1300, IDE1006
}
