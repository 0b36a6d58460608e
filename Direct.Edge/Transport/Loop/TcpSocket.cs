using System.Net;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Owns the descriptor of one accepted TCP connection, and closes it exactly once. The handler of its events changes: first a
/// <see cref="PendingConnection"/>, then a <see cref="LoopConnection"/> or a <see cref="LoopHttpConnection"/>. The descriptor, the token and the gate
/// exist once, whichever handler ends the connection.
/// </summary>
/// <remarks>
/// The loop's thread watches, reads, changes the state and closes. Other threads may call <see cref="Reset"/> and <see cref="Shutdown"/> at any time;
/// a gate separates these calls from closing. They may call <see cref="Send"/> only while the handler guarantees that it does not close, because
/// sending takes no gate.
/// </remarks>
internal sealed class TcpSocket(EventLoop loop, TcpLimit limit, int descriptor)
{
    private const uint Events = Libc.EpollIn | Libc.EpollOut | Libc.EpollReadHangUp | Libc.EpollEdgeTriggered;

    // After so many reads the other sockets are served.
    private const int ReadsPerPass = 4;

    private InputEdge _edge;
    private ulong _token; // set when the loop watches the descriptor

    public EventLoop Loop => loop;

    /// <summary>Gets the state. The loop's thread reads it; Closed is written under the gate.</summary>
    public TcpSocketState State { get; private set; }

    /// <summary>Makes the loop watch the descriptor. Returns false if the kernel has no memory for it.</summary>
    public bool TryWatch(ILoopSocket handler)
    {
        if (!loop.TryAdd(descriptor, Events, handler, out _token))
        {
            return false;
        }

        State = TcpSocketState.Open;
        return true;
    }

    /// <summary>Passes later events to another handler.</summary>
    public void HandTo(ILoopSocket handler) => loop.Replace(_token, handler);

    /// <summary>
    /// Copies available input without consuming it. Returns the number of bytes, 0 at the end of the input, or a negative number after a failure.
    /// </summary>
    public int Peek(Span<byte> buffer) => Libc.Receive(descriptor, buffer, Libc.MsgPeek);

    /// <summary>Consumes bytes that <see cref="Peek"/> has returned.</summary>
    public bool TryTake(Span<byte> buffer) => Libc.Receive(descriptor, buffer, 0) == buffer.Length;

    /// <summary>Begins to read, and assumes input, because the kernel has not reported what arrived earlier.</summary>
    public void BeginReading() => _edge.Begin();

    /// <summary>Records events. Returns whether they concern the input.</summary>
    public bool IsInput(uint events) => _edge.Take(events);

    /// <summary>
    /// Returns whether the handler may read (again). After a number of reads the other sockets are served first, and
    /// <see cref="ILoopSocket.OnPosted"/> is called later.
    /// </summary>
    /// <param name="reads">The number of reads in this pass.</param>
    /// <param name="handler">The handler.</param>
    public bool MayRead(int reads, ILoopSocket handler)
    {
        if (!_edge.MayHaveMore || State is not TcpSocketState.Open)
        {
            return false;
        }

        if (reads < ReadsPerPass)
        {
            return true;
        }

        loop.PostAgain(handler);
        return false;
    }

    /// <summary>
    /// Reads once. Returns the number of bytes, or <see cref="InputEdge.None"/>, <see cref="InputEdge.Ended"/> or <see cref="InputEdge.Failed"/>.
    /// </summary>
    public int Read(Span<byte> buffer) => _edge.Read(descriptor, buffer);

    /// <summary>Ends reading.</summary>
    public void EndReading() => State = TcpSocketState.Ending;

    /// <summary>Sends as many bytes as there is room for. Returns -1 after a failure, as <see cref="Libc"/> does.</summary>
    public int Send(ReadOnlySpan<byte> bytes) => Libc.Send(descriptor, bytes);

    /// <summary>Gets the address of this side.</summary>
    public IPEndPoint LocalAddress()
    {
        Span<byte> address = stackalloc byte[SocketAddressReader.MaxBytes];
        Libc.GetLocalAddress(descriptor, address);
        return SocketAddressReader.Read(address);
    }

    /// <summary>
    /// Makes closing reset the connection, and ends its input or both directions. The loop then finds the end and closes the descriptor.
    /// </summary>
    /// <param name="how"><see cref="Libc.ShutdownRead"/> or <see cref="Libc.ShutdownBoth"/>.</param>
    public void Reset(int how)
    {
        lock (this)
        {
            if (State is not TcpSocketState.Closed)
            {
                Libc.SetResetOnClose(descriptor);
                Libc.Shutdown(descriptor, how);
            }
        }
    }

    /// <summary>Ends both directions, after the bytes that have been sent.</summary>
    public void Shutdown()
    {
        lock (this)
        {
            if (State is not TcpSocketState.Closed)
            {
                Libc.Shutdown(descriptor, Libc.ShutdownBoth);
            }
        }
    }

    /// <summary>Closes the descriptor, unless it is closed.</summary>
    public void Close()
    {
        if (State is TcpSocketState.Closed)
        {
            return;
        }

        if (State is not TcpSocketState.Accepted)
        {
            loop.Remove(descriptor, _token);
        }

        // The gate is the object itself: a Lock would add 40 bytes to each idle connection.
        lock (this)
        {
            State = TcpSocketState.Closed;
            Libc.Close(descriptor);
        }

        limit.Release();
    }
}
