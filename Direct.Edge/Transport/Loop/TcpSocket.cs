using System.Net;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Owns the descriptor of one accepted TCP connection, and closes it exactly once. Its handler, which is told of events, changes: first an
/// <see cref="PendingConnection"/>, then a <see cref="LoopConnection"/> or a <see cref="LoopHttpConnection"/>. The owner passes from one to the
/// next, so that the descriptor, the token and the gate exist once, whichever of them ends the connection.
/// </summary>
/// <remarks>
/// The loop's thread watches, reads, changes the state and closes. Other threads may call <see cref="Reset"/> and <see cref="Shutdown"/> at any
/// time: a gate keeps these and closing apart. They may call <see cref="Send"/> only while the handler is sure that it does not close, because
/// sending takes no gate.
/// </remarks>
internal sealed class TcpSocket(EventLoop loop, TcpLimit limit, int descriptor)
{
    private const uint Events = Libc.EpollIn | Libc.EpollOut | Libc.EpollReadHangUp | Libc.EpollEdgeTriggered;

    // After so many reads in a row the others have their turn.
    private const int ReadsPerPass = 4;

    private InputEdge _edge;
    private ulong _token; // once the loop watches it

    public EventLoop Loop => loop;

    /// <summary>Read by the loop's thread. Closed is written inside the gate.</summary>
    public TcpSocketState State { get; private set; }

    /// <summary>Makes the loop watch the descriptor. False when the kernel has no memory for it.</summary>
    public bool TryWatch(ILoopSocket handler)
    {
        if (!loop.TryAdd(descriptor, Events, handler, out _token))
        {
            return false;
        }

        State = TcpSocketState.Open;
        return true;
    }

    /// <summary>Tells another handler of the events from now on.</summary>
    public void HandTo(ILoopSocket handler) => loop.Replace(_token, handler);

    /// <summary>Copies what has arrived without taking it: the number of bytes, 0 at the end of the input, negative on a failure.</summary>
    public int Peek(Span<byte> buffer) => Libc.Receive(descriptor, buffer, Libc.MsgPeek);

    /// <summary>Takes bytes that <see cref="Peek"/> has shown.</summary>
    public bool TryTake(Span<byte> buffer) => Libc.Receive(descriptor, buffer, 0) == buffer.Length;

    /// <summary>Begins to read: what has come so far nobody was told of.</summary>
    public void BeginReading() => _edge.Begin();

    /// <summary>Takes note of events, and says whether they are about the input.</summary>
    public bool IsInput(uint events) => _edge.Take(events);

    /// <summary>
    /// Says whether the handler may read (again). When it has read often enough in a row, the others have their turn, and it is called later by
    /// <see cref="ILoopSocket.OnPosted"/>.
    /// </summary>
    /// <param name="reads">The number of reads in this turn.</param>
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

    /// <summary>Reads once: the number of bytes, or <see cref="InputEdge.None"/>, <see cref="InputEdge.Ended"/> or <see cref="InputEdge.Failed"/>.</summary>
    public int Read(Span<byte> buffer) => _edge.Read(descriptor, buffer);

    /// <summary>Nothing is read from now on.</summary>
    public void EndReading() => State = TcpSocketState.Ending;

    /// <summary>Sends as much as there is room for; -1 is a failure, as of <see cref="Libc"/>.</summary>
    public int Send(ReadOnlySpan<byte> bytes) => Libc.Send(descriptor, bytes);

    /// <summary>Gets the address of this end.</summary>
    public IPEndPoint LocalAddress()
    {
        Span<byte> address = stackalloc byte[SocketAddressReader.MaxBytes];
        Libc.GetLocalAddress(descriptor, address);
        return SocketAddressReader.Read(address);
    }

    /// <summary>Makes closing reset the connection, and ends its input, or both directions: the loop finds the end, and closes.</summary>
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

    /// <summary>Ends both directions, after what has been sent.</summary>
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
