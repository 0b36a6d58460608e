using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Direct.Edge.Timing;
using Microsoft.AspNetCore.Connections;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Listens at one port. It accepts connections, distributes them over the loops, and passes those that the loops do not keep to Kestrel. For Kestrel
/// these are all connections of the port.
/// </summary>
internal sealed class LoopListener : DeadlineWheel.Entry, IConnectionListener, ILoopSocket
{
    // After so many accepts the other sockets are served.
    private const int AcceptsPerPass = 64;

    // How long nothing is accepted when the process has no free descriptor.
    private const long PauseMs = 100;

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly EventLoop _loop;
    private readonly Channel<ConnectionContext> _handedOver = Channel.CreateUnbounded<ConnectionContext>();
    private readonly ConcurrentDictionary<PendingConnection, bool> _arriving = new();
    private readonly TaskCompletionSource _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _noDelay;
    private volatile bool _isUnbound;
    private CancellationToken _untilWhen;

    // Used by the loop's thread.
    private ulong _token;
    private Phase _phase;

    /// <param name="transport">The state that all listeners share.</param>
    /// <param name="socket">The socket, bound and listening. The listener owns it.</param>
    /// <param name="isManagement">Whether this is the management port, which accepts no WebSocket.</param>
    /// <param name="noDelay">Whether small writes are sent at once.</param>
    public LoopListener(LoopTransport transport, Socket socket, bool isManagement, bool noDelay)
    {
        (Transport, _socket, IsManagement, _noDelay) = (transport, socket, isManagement, noDelay);
        socket.Blocking = false;
        _descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        _loop = transport.Loops.Next();
        EndPoint = socket.LocalEndPoint!;
        _loop.Post(this);
    }

    private enum Phase
    {
        /// <summary>The socket listens, but its loop does not watch it yet.</summary>
        Bound,

        /// <summary>Connections are accepted.</summary>
        Accepting,

        /// <summary>No connection is accepted for a moment, because the process has no free descriptor.</summary>
        Paused,

        /// <summary>The descriptor is closed.</summary>
        Ended,
    }

    /// <summary>Completes when connections are accepted.</summary>
    public Task Bound => _bound.Task;

    public EndPoint EndPoint { get; }

    public LoopTransport Transport { get; }

    /// <summary>Gets whether this is the management port, which accepts no WebSocket.</summary>
    public bool IsManagement { get; }

    /// <summary>Gets whether no more connections are accepted.</summary>
    public bool IsUnbound => _isUnbound;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _handedOver.Reader.WaitToReadAsync(cancellationToken) && _handedOver.Reader.TryRead(out var connection) ? connection : null;

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _untilWhen = cancellationToken;
        _isUnbound = true;
        _loop.Post(this);
        await _unbound.Task;
    }

    /// <summary>Completes when the last WebSocket has ended, or the time for stopping the server is up.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isUnbound)
        {
            await UnbindAsync(new CancellationToken(canceled: true));
        }

        await Transport.WhenEmpty().WaitAsync(_untilWhen).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        while (_handedOver.Reader.TryRead(out var connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    /// <summary>Begins to listen, continues after a pause, or ends.</summary>
    public void OnPosted()
    {
        if (_isUnbound)
        {
            End();
        }
        else if (_phase is Phase.Bound)
        {
            Begin();
        }
        else if (_phase is Phase.Paused)
        {
            _phase = Phase.Accepting;
            _loop.Watch(_descriptor, Libc.EpollIn, _token);
        }
    }

    public void OnEvents(uint events)
    {
        for (var accepted = 0; accepted < AcceptsPerPass && TryAccept(out var descriptor, out var peer); accepted++)
        {
            if (!Transport.Limit.TryTake(descriptor, IsManagement))
            {
                Libc.Close(descriptor); // above the limit of descriptors of the process
                continue;
            }

            if (_noDelay)
            {
                Libc.SetNoDelay(descriptor);
            }

            var loop = Transport.Loops.Next();
            var arriving = new PendingConnection(new TcpSocket(loop, Transport.Limit, descriptor), this, peer);
            _arriving.TryAdd(arriving, true);
            if (loop == _loop)
            {
                arriving.OnPosted();
            }
            else
            {
                loop.Post(arriving);
            }
        }
    }

    public void OnError(Exception exception)
    {
        if (!_bound.TrySetException(exception))
        {
            Transport.Failed(exception);
        }
    }

    /// <summary>Passes a connection to Kestrel.</summary>
    public void HandOver(LoopHttpConnection connection)
    {
        if (!_handedOver.Writer.TryWrite(connection))
        {
            connection.Abort();
        }
    }

    /// <summary>Removes a socket whose first request is known.</summary>
    public void Forget(PendingConnection arriving) => _arriving.TryRemove(arriving, out _);

    internal override void OnDue(long nowMs) => _loop.Post(this);

    private void Begin()
    {
        if (!_loop.TryAdd(_descriptor, Libc.EpollIn, this, out _token))
        {
            throw new IOException($"The kernel cannot watch {EndPoint}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }

        _phase = Phase.Accepting;
        _bound.TrySetResult();
    }

    private bool TryAccept(out int descriptor, out IPEndPoint peer)
    {
        Span<byte> address = stackalloc byte[SocketAddressReader.MaxBytes];
        descriptor = Libc.Accept(_descriptor, address);
        peer = SocketAddressReader.Read(address);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() is Libc.TooManyFiles or Libc.TooManyFilesInSystem)
        {
            _phase = Phase.Paused;
            _loop.Watch(_descriptor, 0, _token);
            Transport.Schedule(this, PauseMs);
        }

        return descriptor >= 0;
    }

    private void End()
    {
        if (_phase is Phase.Accepting or Phase.Paused)
        {
            _loop.Remove(_descriptor, _token);
        }

        _phase = Phase.Ended;
        Transport.Cancel(this);
        _socket.Dispose();
        _handedOver.Writer.TryComplete();
        foreach (var (arriving, _) in _arriving)
        {
            arriving.Reconsider();
        }

        _unbound.TrySetResult();
    }
}
