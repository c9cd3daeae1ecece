using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CareHub.Mqtt.Transport;

/// <summary>The few calls of Linux that <see cref="EpollLoop"/> needs. The runtime's sockets cost a thread hop an event.</summary>
internal static partial class LinuxSockets
{
    public const uint EpollIn = 0x001;
    public const uint EpollOut = 0x004;
    public const uint EpollError = 0x008;
    public const uint EpollHangUp = 0x010;
    public const int Again = 11;
    public const int Interrupted = 4;
    public const int TooManyOpen = 24;
    public const int TooManyOpenInSystem = 23;
    public const int Forever = -1;
    private const int ControlAdd = 1;
    private const int ControlRemove = 2;
    private const int ControlModify = 3;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int ShutdownWrite = 1;
    private const int ShutdownBoth = 2;
    private const int Tcp = 6;
    private const int TcpNoDelay = 1;

    /// <summary>struct epoll_event, packed on x86-64 only.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct Event
    {
        public uint Events;
        public int Descriptor;
        public int Generation;
    }

    /// <summary>The struct's layout above is that of x86-64; elsewhere Kestrel's transport serves.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static int LastError => Marshal.GetLastPInvokeError();

    public static int CreateEpoll() => epoll_create1(CloseOnExec);

    /// <summary>Readable from <see cref="Signal"/> to <see cref="ClearSignal"/>; invalid when there is none to be had.</summary>
    public static SafeFileHandle CreateSignal() => new(eventfd(0, CloseOnExec | NonBlocking), ownsHandle: true);

    public static void Signal(SafeFileHandle signal)
    {
        var one = 1L;
        _ = write(signal, ref one, sizeof(long));
    }

    public static void ClearSignal(SafeFileHandle signal)
    {
        var count = 0L;
        _ = read(signal, ref count, sizeof(long));
    }

    public static bool Add(int epoll, int descriptor, uint events, int generation)
    {
        var wanted = new Event { Events = events, Descriptor = descriptor, Generation = generation };
        return epoll_ctl(epoll, ControlAdd, descriptor, ref wanted) == 0;
    }

    public static bool Modify(int epoll, int descriptor, uint events, int generation)
    {
        var wanted = new Event { Events = events, Descriptor = descriptor, Generation = generation };
        return epoll_ctl(epoll, ControlModify, descriptor, ref wanted) == 0;
    }

    public static void Remove(int epoll, int descriptor)
    {
        var unused = default(Event);
        _ = epoll_ctl(epoll, ControlRemove, descriptor, ref unused);
    }

    public static unsafe int Wait(int epoll, Span<Event> events, int timeoutMs)
    {
        fixed (Event* first = events)
        {
            return epoll_wait(epoll, first, events.Length, timeoutMs);
        }
    }

    /// <summary>Accepts one connection, non-blocking and without Nagle's delay; negative when there is none.</summary>
    public static unsafe int Accept(int listening, out IPEndPoint? remote)
    {
        const int AddressBytesMax = 28;
        var address = stackalloc byte[AddressBytesMax];
        var length = AddressBytesMax;
        var descriptor = accept4(listening, address, ref length, NonBlocking | CloseOnExec);
        remote = null;
        if (descriptor >= 0)
        {
            var on = 1;
            _ = setsockopt(descriptor, Tcp, TcpNoDelay, ref on, sizeof(int));
            remote = Parse(new ReadOnlySpan<byte>(address, length));
        }

        return descriptor;
    }

    public static unsafe nint Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return recv(descriptor, first, buffer.Length, 0);
        }
    }

    public static unsafe nint Send(int descriptor, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return send(descriptor, first, buffer.Length, NoSignal);
        }
    }

    public static void Shutdown(int descriptor) => _ = shutdown(descriptor, ShutdownBoth);

    /// <summary>
    /// Ends the sending direction behind what was sent, and takes what has come: closing over unread bytes would make the
    /// kernel reset the connection, and the other side lose the last packet, which says why.
    /// </summary>
    public static void Finish(int descriptor, Span<byte> scratch)
    {
        _ = shutdown(descriptor, ShutdownWrite);
        for (var i = 0; i < 16 && Receive(descriptor, scratch) > 0; i++)
        {
        }
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    private static IPEndPoint? Parse(ReadOnlySpan<byte> address)
    {
        const ushort InterNetwork = 2, InterNetworkV6 = 10;
        if (address.Length < 8)
        {
            return null;
        }

        var port = (address[2] << 8) | address[3];
        return MemoryMarshal.Read<ushort>(address) switch
        {
            InterNetwork => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            InterNetworkV6 => new IPEndPoint(new IPAddress(address.Slice(8, 16)), port),
            _ => null,
        };
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    private static partial nint read(SafeFileHandle file, ref long buffer, nint length);

    [LibraryImport("libc")]
    private static partial nint write(SafeFileHandle file, ref long buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, ref Event wanted);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_wait(int epoll, Event* events, int count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int accept4(int listening, byte* address, ref int length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int descriptor, int level, int option, ref int value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recv(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint send(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static partial int shutdown(int descriptor, int how);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
