using System.Buffers;
using System.Runtime.InteropServices;
using Direct.Edge.Connections;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// One WebSocket on a loop: reads when the kernel says that there is something, sends straight into the socket from whichever thread has
/// something to send. While nothing happens it owns no buffer, no task and no timer.
/// </summary>
internal sealed class LoopConnection(EventLoop loop, LoopTransport transport, int descriptor, ulong token)
    : ITransportConnection, ILoopSocket
{
    // After so many reads in a row the others have their turn.
    private const int ReadsPerTurn = 4;

    // Guards the descriptor against being closed while Abort uses it.
    private readonly Lock _gate = new();
    private bool _isClosed;

    // The loop's.
    private Connection? _connection;
    private byte[]? _held; // input that is not whole yet, or waits
    private int _heldBytes;
    private Task? _pending;
    private InputEdge _edge;
    private Task? _ending;

    // Set by who sends, before it tries a last time; reset by the loop. So an edge is never missed.
    private volatile bool _isFull;

    // Whether nothing can be sent any more: set by the sender, who was told so, and by Abort.
    private volatile bool _isGone;

    public void Attach(Connection connection) => _connection = connection;

    /// <summary>Begins to read: what the client sent behind its handshake may be there already.</summary>
    public void Start()
    {
        _edge.Begin();
        Read();
    }

    // The connection never calls this once EndAsync has completed, and the descriptor is closed only then.
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_isGone)
        {
            return bytes.Length;
        }

        var sent = 0;
        while (sent < bytes.Length)
        {
            var count = Libc.Send(descriptor, bytes[sent..]);
            if (count >= 0)
            {
                sent += count;
            }
            else if (Marshal.GetLastPInvokeError() is var error && error == Libc.Again)
            {
                if (_isFull)
                {
                    return sent;
                }

                _isFull = true; // and once more: of room that came before this nobody was told
            }
            else if (error != Libc.Interrupted)
            {
                _isGone = true; // reading will tell the same
                return bytes.Length;
            }
        }

        return sent;
    }

    public void Abort()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _isGone = true;
                Libc.SetResetOnClose(descriptor);
                Libc.Shutdown(descriptor, Libc.ShutdownRead); // the loop finds the end of the input, and closes
            }
        }
    }

    public void OnEvents(uint events)
    {
        if ((events & Libc.EpollOut) != 0 && _isFull)
        {
            _isFull = false;
            _connection!.OnWritable();
        }

        if (_edge.Take(events))
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
            pending.GetAwaiter().GetResult(); // a fault of ours: see OnFault
            Receive(0);
        }

        Read();
    }

    public void OnFault(Exception exception)
    {
        transport.Failed(_connection!, exception);
        End();
    }

    private void Read()
    {
        for (var reads = 0; _edge.MayHaveMore && _pending is null && _ending is null; reads++)
        {
            if (reads == ReadsPerTurn)
            {
                loop.PostAgain(this);
                return;
            }

            ReadOnce();
        }
    }

    private void ReadOnce()
    {
        var count = _edge.Read(descriptor, loop.Input[_heldBytes..]); // what is held goes in front of it
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
        var input = loop.Input[..(_heldBytes + count)];
        Unhold(input);
        var reception = _connection!.Receive(input);
        Hold(input[reception.Consumed..]);
        if (reception.Pending is { } pending)
        {
            _pending = pending;
            pending.GetAwaiter().UnsafeOnCompleted(() => loop.Post(this));
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

        _edge.Close();
        if (_isGone)
        {
            _connection!.OnWritable(); // so that nothing waits for room that will never come
        }

        _ending = _connection!.EndAsync();
        if (!_ending.IsCompleted)
        {
            _ending.GetAwaiter().UnsafeOnCompleted(() => loop.Post(this));
        }

        CloseIfEnded();
    }

    private void CloseIfEnded()
    {
        if (_isClosed || !_ending!.IsCompleted)
        {
            return;
        }

        DropHeld();
        loop.Remove(descriptor, token);
        lock (_gate)
        {
            _isClosed = true;
            transport.Close(descriptor);
        }
    }
}
