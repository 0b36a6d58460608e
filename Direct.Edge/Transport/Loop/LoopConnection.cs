using System.Buffers;
using System.Runtime.InteropServices;
using Direct.Edge.Connections;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// One WebSocket on a loop: reads when the kernel says that there is something, sends straight into the socket from whichever thread has
/// something to send. While nothing happens it owns no buffer, no task and no timer.
/// </summary>
internal sealed class LoopConnection(TcpSocket socket, LoopTransport transport) : ITransportConnection, ILoopSocket
{
    // The loop's.
    private Connection? _connection;
    private byte[]? _held; // input that is not whole yet, or waits
    private int _heldBytes;
    private Task? _pending;
    private Task? _ending;

    // Anybody's: see SendState, which says who changes it.
    private volatile SendState _sendState;

    private enum SendState
    {
        /// <summary>There was room for all that has been sent.</summary>
        Ready,

        /// <summary>Set by who sends, before it tries a last time; the loop makes it ready when there is room. So an edge is never missed.</summary>
        Full,

        /// <summary>Nothing can be sent any more: set for ever by the sender, who was told so, and by <see cref="Abort"/>.</summary>
        Gone,
    }

    public void Attach(Connection connection) => _connection = connection;

    /// <summary>Begins to read: what the client sent behind its handshake may be there already.</summary>
    public void Start()
    {
        socket.BeginReading();
        Read();
    }

    // The connection never calls this once EndAsync has completed, and the descriptor is closed only then.
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_sendState is SendState.Gone)
        {
            return bytes.Length;
        }

        var sent = 0;
        while (sent < bytes.Length)
        {
            var count = socket.Send(bytes[sent..]);
            if (count >= 0)
            {
                sent += count;
            }
            else if (Marshal.GetLastPInvokeError() is var error && error == Libc.Again)
            {
                if (Interlocked.CompareExchange(ref _sendState, SendState.Full, SendState.Ready) is not SendState.Ready)
                {
                    return sent;
                }

                // And once more: of room that came before this nobody was told.
            }
            else if (error != Libc.Interrupted)
            {
                _sendState = SendState.Gone; // reading will tell the same
                return bytes.Length;
            }
        }

        return sent;
    }

    public void Abort()
    {
        _sendState = SendState.Gone;
        socket.Reset(Libc.ShutdownRead);
    }

    public void OnEvents(uint events)
    {
        if ((events & Libc.EpollOut) != 0
            && _sendState is SendState.Full
            && Interlocked.CompareExchange(ref _sendState, SendState.Ready, SendState.Full) is SendState.Full)
        {
            _connection!.OnWritable();
        }

        if (socket.IsInput(events))
        {
            Read();
        }
    }

    // What it waited for has come, or it is its turn again, or the connection has ended.
    public void OnPosted()
    {
        if (_ending is not null)
        {
            CloseIfEnded();
            return;
        }

        if (_pending is { IsCompleted: true } pending)
        {
            _pending = null;
            pending.GetAwaiter().GetResult(); // an error of ours: see OnError
            Receive(0);
        }

        Read();
    }

    public void OnError(Exception exception)
    {
        transport.Failed(_connection!, exception);
        End();
    }

    private void Read()
    {
        for (var reads = 0; _pending is null && socket.MayRead(reads, this); reads++)
        {
            ReadOnce();
        }
    }

    private void ReadOnce()
    {
        var count = socket.Read(socket.Loop.Input[_heldBytes..]); // what is held goes in front of it
        if (count > 0)
        {
            Receive(count);
        }
        else if (count != InputEdge.None)
        {
            End(); // politely or not
        }
    }

    // Hands in what is held and, behind it in the loop's buffer, what has just been read.
    private void Receive(int count)
    {
        var input = socket.Loop.Input[..(_heldBytes + count)];
        Unhold(input);
        var reception = _connection!.Receive(input);
        Hold(input[reception.Consumed..]);
        if (reception.Pending is { } pending)
        {
            _pending = pending;
            pending.GetAwaiter().UnsafeOnCompleted(() => socket.Loop.Post(this));
        }
        else if (_connection.IsFinished)
        {
            End();
        }
    }

    private void Hold(ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty)
        {
            _held = ArrayPool<byte>.Shared.Rent(rest.Length);
            _heldBytes = rest.Length;
            rest.CopyTo(_held);
        }
    }

    private void Unhold(Span<byte> destination)
    {
        if (_held is not null)
        {
            _held.AsSpan(0, _heldBytes).CopyTo(destination);
            DropHeld();
        }
    }

    private void DropHeld()
    {
        if (_held is not null)
        {
            ArrayPool<byte>.Shared.Return(_held);
            _held = null;
            _heldBytes = 0;
        }
    }

    private void End()
    {
        if (_ending is not null)
        {
            return;
        }

        if (_sendState is SendState.Gone)
        {
            _connection!.OnWritable(); // so that nothing waits for room that will never come
        }

        _ending = _connection!.EndAsync();
        socket.EndReading();
        if (!_ending.IsCompleted)
        {
            _ending.GetAwaiter().UnsafeOnCompleted(() => socket.Loop.Post(this));
        }

        CloseIfEnded();
    }

    private void CloseIfEnded()
    {
        if (socket.State is TcpSocketState.Ending && _ending!.IsCompleted)
        {
            DropHeld();
            socket.Close();
            transport.Ended();
        }
    }
}
