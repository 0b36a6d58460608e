using System.Net;
using Direct.Edge.Connections;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// A TCP connection of which nobody knows yet what it wants. It looks at what has arrived without taking it: an opening handshake of the
/// usual kind becomes a <see cref="LoopConnection"/>, everything else a <see cref="LoopHttpConnection"/> of Kestrel's.
/// </summary>
internal sealed class ArrivingSocket(EventLoop loop, LoopListener listener, int descriptor, IPEndPoint peer)
    : DeadlineWheel.Entry, ILoopSocket
{
    private const uint Events = Libc.EpollIn | Libc.EpollOut | Libc.EpollReadHangUp | Libc.EpollEdgeTriggered;

    // How long the rest of a head that came in pieces is waited for. Then Kestrel waits, by its own clock.
    private const long PatienceMs = 1000;

    private ulong _token;
    private bool _isWatched;
    private bool _hasSaidSomething;
    private bool _isOver;
    private ILoopSocket? _successor;
    private volatile bool _isDue;

    /// <summary>Makes it look at its listener again, which closes. From any thread.</summary>
    public void Reconsider() => loop.Post(this);

    /// <summary>On its loop for the first time; or its time is up; or the listener closes.</summary>
    public void OnPosted()
    {
        if (_isOver)
        {
            return;
        }

        if (!_isWatched)
        {
            Begin();
        }
        else if (listener.IsUnbound || (_isDue && !_hasSaidSomething))
        {
            Drop();
        }
        else if (_isDue)
        {
            HandOver();
        }
    }

    public void OnEvents(uint events)
    {
        if ((events & ~(uint)Libc.EpollOut) == 0)
        {
            return;
        }

        var input = loop.Input[..HandshakeHead.MaxBytes];
        var count = Libc.Receive(descriptor, input, Libc.MsgPeek);
        if (count <= 0)
        {
            if (count == 0 || !Libc.HasFailedForNow())
            {
                Drop(); // gone before it said anything
            }

            return;
        }

        HandshakeHead head = default;
        var status = listener.TakesSockets ? HandshakeHead.Read(input[..count], out head) : HeadStatus.NotTaken;
        if (status is HeadStatus.Incomplete && (events & ~(uint)(Libc.EpollOut | Libc.EpollIn)) == 0)
        {
            Wait();
        }
        else if (status is HeadStatus.Taken && listener.Transport.LetsIn(head))
        {
            Take(head);
        }
        else
        {
            HandOver();
        }
    }

    public void OnFault(Exception exception)
    {
        if (_successor is { } successor)
        {
            successor.OnFault(exception);
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
        loop.Post(this);
    }

    private void Begin()
    {
        if (listener.IsUnbound || !loop.TryAdd(descriptor, Events, this, out _token))
        {
            _isOver = true;
            listener.Forget(this);
            listener.Close(descriptor);
            return;
        }

        _isWatched = true;
        listener.Transport.Schedule(this, listener.Transport.IdleMs);
    }

    // The first piece of a head: the rest follows soon, or it is not of the usual kind.
    private void Wait()
    {
        if (!_hasSaidSomething)
        {
            _hasSaidSomething = true;
            listener.Transport.Schedule(this, PatienceMs);
        }
    }

    private void Take(in HandshakeHead head)
    {
        Span<byte> answer = stackalloc byte[HandshakeAnswer.MaxBytes];
        answer = answer[..HandshakeAnswer.Write(answer, head.Key)];
        var address = listener.Transport.AddressOf(peer.Address, head.AddressHeaders);

        // No byte more than the head, which has been looked at: behind it are frames. An empty socket has room for an answer.
        if (Libc.Receive(descriptor, loop.Input[..head.Length], 0) != head.Length || Libc.Send(descriptor, answer) != answer.Length)
        {
            Drop();
            return;
        }

        Leave();
        var connection = listener.Transport.Accept(loop, descriptor, _token, address);
        _successor = connection;
        loop.Replace(_token, connection);
        connection.Start();
    }

    private void HandOver()
    {
        Leave();
        Span<byte> local = stackalloc byte[SocketAddressReader.MaxBytes];
        Libc.GetLocalAddress(descriptor, local);
        var connection = new LoopHttpConnection(loop, listener.Transport, descriptor, _token, (SocketAddressReader.Read(local), peer));
        _successor = connection;
        loop.Replace(_token, connection);
        listener.HandOver(connection);
        connection.Start();
    }

    private void Drop()
    {
        Leave();
        loop.Remove(descriptor, _token);
        listener.Close(descriptor);
    }

    private void Leave()
    {
        _isOver = true;
        listener.Transport.Cancel(this);
        listener.Forget(this);
    }
}
