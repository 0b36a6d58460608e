using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Direct.Edge.Topics;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Runs one thread that waits for events of the kernel, reads sockets, and then lets the topics send in slices. docs/internals/direct-transport.md
/// explains how the parts work together.
/// </summary>
/// <remarks>All members are for the loop's thread only, except <see cref="Post"/>, which any thread may call.</remarks>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int MaxEvents = 512;

    // The number of times it looks for more input before it sends what the earlier input has caused.
    private const int MaxLooks = 8;

    private const ulong WakeToken = ulong.MaxValue;

    private readonly int _epoll = Checked(Libc.EpollCreate(Libc.CloseOnExec), "epoll_create1");
    private readonly int _wake = Checked(Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlocking), "eventfd");
    private readonly EpollEvents _events = new(MaxEvents);
    private readonly SlotTable _slots = new();
    private readonly ConcurrentQueue<ILoopSocket> _posted = new();
    private readonly Queue<ILoopSocket> _again = new();
    private readonly Lock _wakeGate = new();
    private readonly byte* _input;
    private readonly int _inputBytes;
    private readonly Thread _thread;
    private DrainScheduler? _turns;
    private volatile bool _isEnding;
    private int _isWoken;
    private bool _isClosed; // guarded by the gate

    /// <param name="name">The name of its thread.</param>
    /// <param name="inputBytes">The size of <see cref="Input"/>.</param>
    public EventLoop(string name, int inputBytes)
    {
        _inputBytes = inputBytes;
        _input = (byte*)NativeMemory.Alloc((nuint)inputBytes);
        EpollEvents.TryAdd(_epoll, _wake, Libc.EpollIn | Libc.EpollEdgeTriggered, WakeToken);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Gets the buffer that its sockets read into, one after the other: valid until the next read.</summary>
    public Span<byte> Input => new(_input, _inputBytes);

    /// <summary>Watches a descriptor. Returns false if the kernel has no memory for it.</summary>
    /// <param name="descriptor">The descriptor of a non-blocking socket.</param>
    /// <param name="events">The events to watch for.</param>
    /// <param name="socket">The receiver of the events.</param>
    /// <param name="token">Identifies the descriptor on this loop.</param>
    public bool TryAdd(int descriptor, uint events, ILoopSocket socket, out ulong token)
    {
        token = _slots.Add(socket);
        if (EpollEvents.TryAdd(_epoll, descriptor, events, token))
        {
            return true;
        }

        _slots.Remove(token);
        return false;
    }

    /// <summary>Changes the events that are watched of a descriptor.</summary>
    public void Watch(int descriptor, uint events, ulong token) => EpollEvents.TryModify(_epoll, descriptor, events, token);

    /// <summary>Passes later events of a descriptor to another socket.</summary>
    public void Replace(ulong token, ILoopSocket socket) => _slots.Replace(token, socket);

    /// <summary>Stops watching a descriptor, before it is closed or transferred.</summary>
    public void Remove(int descriptor, ulong token)
    {
        EpollEvents.Remove(_epoll, descriptor);
        _slots.Remove(token);
    }

    /// <summary>
    /// Calls <see cref="ILoopSocket.OnPosted"/> on the loop's thread. It may be called from any thread; after the end of the loop it does nothing.
    /// </summary>
    public void Post(ILoopSocket socket)
    {
        _posted.Enqueue(socket);
        if (Interlocked.Exchange(ref _isWoken, 1) == 0)
        {
            Wake();
        }
    }

    /// <summary>Calls <see cref="ILoopSocket.OnPosted"/> after all other sockets have been served. Only for the loop's thread.</summary>
    public void PostAgain(ILoopSocket socket) => _again.Enqueue(socket);

    public void Dispose()
    {
        _isEnding = true;
        Wake();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        lock (_wakeGate)
        {
            _isClosed = true;
            Libc.Close(_wake);
        }

        Libc.Close(_epoll);
        _events.Dispose();
        NativeMemory.Free(_input);
    }

    private static int Checked(int descriptor, string call) => descriptor >= 0
        ? descriptor
        : throw new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    private void Wake()
    {
        lock (_wakeGate)
        {
            if (!_isClosed) // otherwise the number may belong to another descriptor by now
            {
                var one = 1UL;
                Libc.Write(_wake, (byte*)&one, sizeof(ulong)); // never read: every write is a new edge
            }
        }
    }

    private void Run()
    {
        _turns = DrainScheduler.ForThisThread();
        while (!_isEnding)
        {
            var hasWork = !_turns.IsEmpty || _again.Count > 0;
            var happened = Look(hasWork ? 0 : -1);
            for (var looks = 1; happened > 0 && looks < MaxLooks && !_turns.IsEmpty; looks++)
            {
                happened = Look(0);
            }

            _turns.Run();
            for (var again = _again.Count; again > 0; again--)
            {
                RunPosted(_again.Dequeue());
            }
        }
    }

    private int Look(int timeoutMs)
    {
        var count = _events.Wait(_epoll, timeoutMs);
        for (var i = 0; i < count; i++)
        {
            var (events, token) = _events[i];
            if (token == WakeToken)
            {
                RunAllPosted();
            }
            else if (_slots.Find(token) is { } socket)
            {
                HandleEvents(socket, events);
            }
        }

        return count;
    }

    private void RunAllPosted()
    {
        Volatile.Write(ref _isWoken, 0); // before the queue is emptied, so that a later post wakes the loop again
        Interlocked.MemoryBarrier();
        while (_posted.TryDequeue(out var socket))
        {
            RunPosted(socket);
        }
    }

    private static void HandleEvents(ILoopSocket socket, uint events)
    {
        try
        {
            socket.OnEvents(events);
        }
#pragma warning disable CA1031 // The top of the loop: an error of one socket must not end the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            socket.OnError(exception);
        }
    }

    private static void RunPosted(ILoopSocket socket)
    {
        try
        {
            socket.OnPosted();
        }
#pragma warning disable CA1031 // The same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            socket.OnError(exception);
        }
    }
}
