using System.Runtime.InteropServices;

namespace Direct.Stress.Links;

/// <summary>Declares the system calls of a client's loop that a server's loop does not use.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int Stream = 1;
    public const int InProgress = 115;

    public const int SocketLevel = 1;
    public const int SocketError = 4;
    public const int IpLevel = 0;

    /// <summary>
    /// Makes the kernel choose the port at connect, when the destination is known: one address then reaches each of many ports 28,000 times.
    /// </summary>
    public const int BindAddressNoPort = 24;

    public const int MonotonicClock = 1;
    public const int AbsoluteTime = 1;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int descriptor, byte* address, int addressBytes);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* address, int addressBytes);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(int descriptor, int level, int option, int* value, int* valueBytes);

    [LibraryImport(Library, EntryPoint = "timerfd_create", SetLastError = true)]
    public static partial int TimerDescriptor(int clock, int flags);

    [LibraryImport(Library, EntryPoint = "timerfd_settime", SetLastError = true)]
    public static partial int SetTimer(int descriptor, int flags, TimerTimes* times, void* old);

    /// <summary>Represents <c>struct itimerspec</c>: the interval (none), and the time.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimerTimes
    {
        public nint IntervalSeconds;
        public nint IntervalNanoseconds;
        public nint Seconds;
        public nint Nanoseconds;
    }
}
