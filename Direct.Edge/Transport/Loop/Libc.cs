using System.Runtime.InteropServices;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Declares the system calls of Linux that the loops use, with their own names and results: -1 is a failure, and
/// <see cref="Marshal.GetLastPInvokeError"/> returns the reason.
/// </summary>
internal static unsafe partial class Libc
{
    public const int EpollIn = 0x1;
    public const int EpollOut = 0x4;
    public const int EpollError = 0x8;
    public const int EpollHangUp = 0x10;
    public const int EpollReadHangUp = 0x2000;
    public const uint EpollEdgeTriggered = 1u << 31;

    public const int EpollCtlAdd = 1;
    public const int EpollCtlDelete = 2;
    public const int EpollCtlModify = 3;

    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;

    public const int MsgPeek = 0x2;
    public const int MsgNoSignal = 0x4000;

    public const int ShutdownRead = 0;
    public const int ShutdownBoth = 2;

    public const int SocketLevel = 1;
    public const int Linger = 13;

    public const int Tcp = 6;
    public const int TcpNoDelay = 1;

    public const int AddressFamilyIPv4 = 2;
    public const int AddressFamilyIPv6 = 10;

    public const int Interrupted = 4;
    public const int Again = 11;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;

    // The runtime knows the name "libc" and finds both glibc and musl by it.
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, void* pollEvent);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* events, int maxEvents, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int descriptor, byte* address, int* addressBytes, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nint bytes, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nint bytes, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nint bytes);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nint bytes);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int descriptor, byte* address, int* addressBytes);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int descriptor, int level, int option, int* value, int valueBytes);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int descriptor, int how);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    /// <summary>
    /// Receives available input, at most the size of <paramref name="buffer"/>. 0 means that the other side has closed its sending side.
    /// </summary>
    public static int Receive(int descriptor, Span<byte> buffer, int flags)
    {
        fixed (byte* first = buffer)
        {
            return (int)Receive(descriptor, first, buffer.Length, flags);
        }
    }

    /// <summary>Sends as many bytes as there is room for. No signal ends the process if the other side has disconnected.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return (int)Send(descriptor, first, bytes.Length, MsgNoSignal);
        }
    }

    /// <summary>Accepts a connection as a non-blocking socket. <paramref name="address"/> receives its <c>struct sockaddr</c>.</summary>
    public static int Accept(int descriptor, Span<byte> address)
    {
        var addressBytes = address.Length;
        fixed (byte* first = address)
        {
            return Accept(descriptor, first, &addressBytes, NonBlocking | CloseOnExec);
        }
    }

    /// <summary>Writes the <c>struct sockaddr</c> of a socket's local address.</summary>
    public static void GetLocalAddress(int descriptor, Span<byte> address)
    {
        var addressBytes = address.Length;
        fixed (byte* first = address)
        {
            GetSocketName(descriptor, first, &addressBytes);
        }
    }

    /// <summary>Sends small writes at once.</summary>
    public static void SetNoDelay(int descriptor)
    {
        var on = 1;
        SetSocketOption(descriptor, Tcp, TcpNoDelay, &on, sizeof(int));
    }

    /// <summary>Makes closing reset the connection: unsent bytes are discarded and take no more memory of the kernel.</summary>
    public static void SetResetOnClose(int descriptor)
    {
        var linger = stackalloc int[] { 1, 0 };
        SetSocketOption(descriptor, SocketLevel, Linger, linger, 2 * sizeof(int));
    }

    /// <summary>
    /// Returns whether the call that has just failed may succeed later, because nothing is available yet or a signal interrupted it.
    /// </summary>
    public static bool HasFailedForNow() => Marshal.GetLastPInvokeError() is Again or Interrupted;
}
