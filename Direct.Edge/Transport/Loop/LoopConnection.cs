using System.Buffers;
using System.Runtime.InteropServices;
using Direct.Edge.Connections;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Carries one WebSocket on a loop. It reads when the kernel reports input, and sends directly into the socket from the calling thread. While it is
/// idle it has no buffer, no task and no timer.
/// </summary>
internal sealed class LoopConnection(TcpSocket socket, LoopTransport transport) : ITransportConnection, ILoopSocket
{
    // Used by the loop's thread.
    private Connection? _connection;
    private byte[]? _held; // input that is not complete or waits
    private int _heldBytes;
    private Task? _pending;
    private Task? _ending;

    // Used by any thread; SendState says which thread changes it.
    private volatile SendState _sendState;

    private enum SendState
    {
        /// <summary>There was room for all bytes that have been sent.</summary>
        Ready,

        /// <summary>
        /// The socket is full. A sender sets it before its last try, and the loop resets it when there is room, so that no edge is missed.
        /// </summary>
        Full,

        /// <summary>Nothing can be sent any more. The sender sets it after an error, and <see cref="Abort"/> does. It is final.</summary>
        Gone,
    }

    public bool IsGone => _sendState is SendState.Gone;

    public void Attach(Connection connection) => _connection = connection;

    /// <summary>Begins to read. Input that the client sent after its handshake may have arrived already.</summary>
    public void Start()
    {
        socket.BeginReading();
        Read();
    }

    // The connection does not call this after EndAsync has completed, and the descriptor is closed only then.
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

                // Tries once more, because room that became free before this was not reported.
            }
            else if (error != Libc.Interrupted)
            {
                _sendState = SendState.Gone; // reading will report the same
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

    // Runs when the pending work has completed, when other sockets have been served, or when the connection has ended.
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
            pending.GetAwaiter().GetResult(); // an error in Direct: see OnError
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
        var count = socket.Read(socket.Loop.Input[_heldBytes..]); // input that is held is copied in front of it
        if (count > 0)
        {
            Receive(count);
        }
        else if (count != InputEdge.None)
        {
            End(); // with or without a close of the sending side
        }
    }

    // Passes on the held input, and the input that has just been read after it in the loop's buffer.
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
            _connection!.OnWritable(); // so that nothing waits for room that will not come
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
