using System.Net;
using Direct.Edge.Timing;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// A new TCP connection whose first request is not known yet. It peeks at what has arrived: a usual opening handshake makes it a
/// <see cref="LoopConnection"/>, everything else a <see cref="LoopHttpConnection"/> for Kestrel.
/// </summary>
internal sealed class PendingConnection(TcpSocket socket, LoopListener listener, IPEndPoint peer) : DeadlineWheel.Entry, ILoopSocket
{
    // How long the rest of a head that came in pieces is waited for. Then Kestrel waits, by its own clock.
    private const long PatienceMs = 1000;

    // The loop's.
    private Phase _phase;
    private ILoopSocket? _successor;

    // Set by the wheel.
    private volatile bool _isDue;

    private enum Phase
    {
        /// <summary>Has not been on its loop.</summary>
        New,

        /// <summary>Its loop watches it, and nothing has arrived.</summary>
        Silent,

        /// <summary>It has sent the start of a head.</summary>
        Incomplete,

        /// <summary>It has a successor, or is closed.</summary>
        Over,
    }

    /// <summary>Makes it look at its listener again, which closes. From any thread.</summary>
    public void Reconsider() => socket.Loop.Post(this);

    /// <summary>On its loop for the first time; or its time is up; or the listener closes.</summary>
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
                Drop(); // gone before it said anything
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

    // The first piece of a head: the rest follows soon, or it is not of the usual kind.
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
        answer = answer[..HandshakeAnswer.Write(answer, head.Key)];
        var address = listener.Transport.AddressOf(peer.Address, head.AddressHeaders);

        // No byte more than the head, which has been looked at: behind it are frames. An empty socket has room for an answer.
        if (!socket.TryTake(socket.Loop.Input[..head.Length]) || socket.Send(answer) != answer.Length)
        {
            Drop();
            return;
        }

        Leave();
        var connection = listener.Transport.Accept(socket, address);
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
