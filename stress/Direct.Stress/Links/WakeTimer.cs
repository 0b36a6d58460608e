using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Direct.Edge.Transport.Loop;

namespace Direct.Stress.Links;

/// <summary>
/// Wakes an epoll at an exact time. epoll_wait itself counts whole milliseconds, and a message would be sent up to one millisecond late. A
/// <see cref="Stopwatch"/> is the kernel's monotonic clock in nanoseconds.
/// </summary>
internal sealed unsafe class WakeTimer : IDisposable
{
    private readonly int _descriptor;
    private long _armedFor;

    public WakeTimer(int epoll, ulong token)
    {
        _descriptor = LinuxCalls.TimerDescriptor(LinuxCalls.MonotonicClock, Libc.NonBlocking | Libc.CloseOnExec);
        if (_descriptor < 0 || !EpollEvents.TryAdd(epoll, _descriptor, Libc.EpollIn | Libc.EpollEdgeTriggered, token))
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    public void Arm(long due)
    {
        if (due == _armedFor)
        {
            return;
        }

        _armedFor = due;
        var (seconds, nanoseconds) = Math.DivRem(due, 1_000_000_000);
        var times = new LinuxCalls.TimerTimes { Seconds = (nint)seconds, Nanoseconds = (nint)nanoseconds };
        _ = LinuxCalls.SetTimer(_descriptor, LinuxCalls.AbsoluteTime, &times, null);
    }

    public void Dispose() => _ = Libc.Close(_descriptor);
}
