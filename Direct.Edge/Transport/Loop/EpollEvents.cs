using System.Runtime.InteropServices;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Holds an array of the kernel's <c>struct epoll_event</c>: 32 bits of events and 64 bits of user data, packed to 12 bytes on x86-64 and aligned to
/// 16 bytes on every other architecture.
/// </summary>
internal sealed unsafe class EpollEvents(int capacity) : IDisposable
{
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64;
    private static readonly int EventBytes = IsPacked ? 12 : 16;
    private static readonly int TokenOffset = IsPacked ? 4 : 8;

    private byte* _events = (byte*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)EventBytes);

    /// <summary>Registers a descriptor for events, edge-triggered or level-triggered. Returns false if the kernel has no memory for it.</summary>
    public static bool TryAdd(int epoll, int descriptor, uint events, ulong token) => Control(epoll, Libc.EpollCtlAdd, descriptor, events, token);

    /// <summary>Changes the events of a registered descriptor.</summary>
    public static bool TryModify(int epoll, int descriptor, uint events, ulong token) => Control(epoll, Libc.EpollCtlModify, descriptor, events, token);

    /// <summary>Removes a descriptor.</summary>
    public static void Remove(int epoll, int descriptor) => Control(epoll, Libc.EpollCtlDelete, descriptor, 0, 0);

    /// <summary>
    /// Waits for events, for the given time at most; -1 waits without limit. Returns the number of events, which is also 0 after a signal.
    /// </summary>
    public int Wait(int epoll, int timeoutMs) => Math.Max(0, Libc.EpollWait(epoll, _events, capacity, timeoutMs));

    /// <summary>Gets one result of a wait: the events, and the token that they were registered with.</summary>
    public (uint Events, ulong Token) this[int index]
    {
        get
        {
            var at = new ReadOnlySpan<byte>(_events + (index * EventBytes), EventBytes);
            return (MemoryMarshal.Read<uint>(at), MemoryMarshal.Read<ulong>(at[TokenOffset..]));
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_events);
        _events = null;
    }

    private static bool Control(int epoll, int operation, int descriptor, uint events, ulong token)
    {
        Span<byte> pollEvent = stackalloc byte[16];
        MemoryMarshal.Write(pollEvent, in events);
        MemoryMarshal.Write(pollEvent[TokenOffset..], in token);
        fixed (byte* pointer = pollEvent)
        {
            return Libc.EpollControl(epoll, operation, descriptor, pointer) == 0;
        }
    }
}
