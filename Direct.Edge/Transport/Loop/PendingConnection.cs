using System.Net;
using Direct.Edge.Timing;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Represents a new TCP connection whose first request is not known yet. It peeks at the input: a usual opening handshake makes it a
/// <see cref="LoopConnection"/>, everything else a <see cref="LoopHttpConnection"/> for Kestrel.
/// </summary>
internal sealed class PendingConnection(TcpSocket socket, LoopListener listener, IPEndPoint peer) : DeadlineWheel.Entry, ILoopSocket
{
    // How long the rest of an incomplete head is awaited. After that Kestrel waits for it, with its own limit.
    private const long PatienceMs = 1000;

    // Used by the loop's thread.
    private Phase _phase;
    private ILoopSocket? _successor;

    // Set by the wheel.
    private volatile bool _isDue;

    private enum Phase
    {
        /// <summary>The loop does not watch it yet.</summary>
        New,

        /// <summary>The loop watches it, and no input has arrived.</summary>
        Silent,

        /// <summary>The start of a head has arrived.</summary>
        Incomplete,

        /// <summary>Another object has taken the socket over, or it is closed.</summary>
        Over,
    }

    /// <summary>Makes it check whether its listener is closing. May be called from any thread.</summary>
    public void Reconsider() => socket.Loop.Post(this);

    /// <summary>Runs when the loop begins to watch it, when its time is up, or when the listener closes.</summary>
    public void OnPosted()
    {
        switch (_phase)
        {
            case Phase.New:
                Begin();
                break;
            case Phase.Silent when listener.IsUnbound || _isDue:
            case Phase.Incomplete when listener.IsUnbound:
                Drop();
                break;
            case Phase.Incomplete when _isDue:
                HandOver();
                break;
        }
    }

    public void OnEvents(uint events)
    {
        if ((events & ~(uint)Libc.EpollOut) == 0)
        {
            return;
        }

        var input = socket.Loop.Input[..HandshakeRequest.MaxBytes];
        var count = socket.Peek(input);
        if (count <= 0)
        {
            if (count == 0 || !Libc.HasFailedForNow())
            {
                Drop(); // disconnected before it sent anything
            }

            return;
        }

        HandshakeRequest head = default;
        var status = listener.IsManagement ? HeadStatus.Declined : HandshakeRequest.Read(input[..count], out head);
        if (status is HeadStatus.Incomplete && (events & ~(uint)(Libc.EpollOut | Libc.EpollIn)) == 0)
        {
            Wait();
        }
        else if (status is HeadStatus.Accepted && listener.Transport.LetsIn(head))
        {
            Take(head);
        }
        else
        {
            HandOver();
        }
    }

    public void OnError(Exception exception)
    {
        if (_successor is { } successor)
        {
            successor.OnError(exception);
        }
        else
        {
            listener.Transport.Failed(exception);
            Drop();
        }
    }

    internal override void OnDue(long nowMs)
    {
        _isDue = true;
        socket.Loop.Post(this);
    }

    private void Begin()
    {
        if (listener.IsUnbound || !socket.TryWatch(this))
        {
            Drop();
            return;
        }

        _phase = Phase.Silent;
        listener.Transport.Schedule(this, listener.Transport.IdleMs);
    }

    // After the first part of a head the rest follows soon, or the head is not a usual one.
    private void Wait()
    {
        if (_phase is Phase.Silent)
        {
            _phase = Phase.Incomplete;
            listener.Transport.Schedule(this, PatienceMs);
        }
    }

    private void Take(in HandshakeRequest head)
    {
        Span<byte> answer = stackalloc byte[HandshakeAnswer.MaxBytes];
        var speaksDirect2 = listener.Transport.SelectsDirect2(head);
        answer = answer[..HandshakeAnswer.Write(answer, head.Key, speaksDirect2)];
        var address = listener.Transport.AddressOf(peer.Address, head.AddressHeaders);

        // Consumes exactly the head: frames follow it. An empty socket has room for the answer.
        if (!socket.TryTake(socket.Loop.Input[..head.Length]) || socket.Send(answer) != answer.Length)
        {
            Drop();
            return;
        }

        Leave();
        var connection = listener.Transport.Accept(socket, address, speaksDirect2);
        _successor = connection;
        socket.HandTo(connection);
        connection.Start();
    }

    private void HandOver()
    {
        Leave();
        var connection = new LoopHttpConnection(socket, listener.Transport, peer);
        _successor = connection;
        socket.HandTo(connection);
        listener.HandOver(connection);
        connection.Start();
    }

    private void Drop()
    {
        Leave();
        socket.Close();
    }

    private void Leave()
    {
        _phase = Phase.Over;
        listener.Transport.Cancel(this);
        listener.Forget(this);
    }
}
