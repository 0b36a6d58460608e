using System.Net;
using System.Net.Sockets;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Transport;
using Direct.Edge.Transport.Loop;
using Direct.Testing.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class TcpSocketTests : IAsyncLifetime
{
    private const string Active = "direct.gateway.tcp.active";

    private readonly LoopFixture _fixture = new();
    private readonly TestMeters _meters = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly TestComposition _node;

    public TcpSocketTests()
    {
        _node = TestComposition.Create(services => services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(_meters), "env=test");
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _fixture.Dispose();
        _listener.Dispose();
        await _node.DisposeAsync();
        _meters.Dispose();
    }

    [Fact]
    public async Task Close_OfASocketThatNobodyWatches_ClosesIt()
    {
        var (socket, peer, _) = Accept();
        using var end = peer;

        await _fixture.OnLoopAsync(() => Close(socket));

        Assert.Equal(0, Receive(peer));
        Assert.Equal(TcpSocketState.Closed, socket.State);
        Assert.Equal(0, _meters.Sum(Active));
    }

    [Fact]
    public async Task Close_OfAWatchedSocket_EndsItsEvents()
    {
        var (socket, peer, _) = Accept();
        using var end = peer;
        var handler = new ActingSocket();
        Assert.True(await _fixture.OnLoopAsync(() => socket.TryWatch(handler)));
        await Deadline.UntilAsync("the first event: there is room to send", () => !handler.Seen.IsEmpty);

        await _fixture.OnLoopAsync(() => Close(socket));

        Assert.Equal(0, Receive(peer));
        Assert.Equal(0, _meters.Sum(Active));
    }

    // The number of a closed descriptor is reused for the next one. A second close of the old socket must not affect the new one.
    [Fact]
    public async Task CloseAndReset_OfAClosedSocket_LeaveItsSuccessorAlone()
    {
        var isShown = false;
        for (var round = 0; round < 20 && !isShown; round++)
        {
            var (old, oldPeer, oldDescriptor) = Accept();
            using var oldEnd = oldPeer;
            using var peer = Connect();
            var (successor, descriptor) = await _fixture.OnLoopAsync(() =>
            {
                Assert.True(old.TryWatch(new ActingSocket()));
                old.Close();
                return Accepted();
            });

            await _fixture.OnLoopAsync(() => Close(old));
            old.Reset(Libc.ShutdownBoth);
            old.Shutdown();

            Assert.Equal(1, successor.Send([1]));
            Assert.Equal(1, Receive(peer));
            Assert.Equal(1, _meters.Sum(Active));
            await _fixture.OnLoopAsync(() => Close(successor));
            isShown = descriptor == oldDescriptor; // false when another test took the number first
        }

        Assert.True(isShown, "no number was used again");
    }

    // A reset on another thread checks whether the descriptor is closed, and then uses it. It must not be closed in between.
    [Fact]
    public async Task Reset_WhileTheLoopCloses_LeavesTheSuccessorAlone()
    {
        for (var round = 0; round < 300; round++)
        {
            var (old, oldPeer, _) = Accept();
            using var oldEnd = oldPeer;
            using var peer = Connect();
            using var isStarting = new ManualResetEventSlim();
            var resetting = Task.Run(() =>
            {
                isStarting.Wait(TestContext.Current.CancellationToken);
                for (var i = 0; i < 20; i++)
                {
                    old.Reset(Libc.ShutdownBoth);
                }
            }, TestContext.Current.CancellationToken);

            var successor = await _fixture.OnLoopAsync(() =>
            {
                isStarting.Set();
                Thread.SpinWait(round);
                old.Close();
                return Accepted();
            });
            await resetting;

            Assert.Equal(1, successor.Socket.Send([1]));
            Assert.Equal(1, Receive(peer));
            await _fixture.OnLoopAsync(() => Close(successor.Socket));
        }
    }

    [Fact]
    public async Task HandTo_ByAnArrivedSocket_GivesTheNextOneTheEvents()
    {
        var (socket, peer, _) = Accept();
        using var end = peer;
        var (first, second) = (new ActingSocket(), new ActingSocket());
        await _fixture.OnLoopAsync(() => socket.TryWatch(first));
        await Deadline.UntilAsync("the first event", () => !first.Seen.IsEmpty);

        await _fixture.OnLoopAsync(() =>
        {
            socket.HandTo(second);
            return true;
        });
        peer.Send([1]);

        await Deadline.UntilAsync("the second event", () => !second.Seen.IsEmpty);
        Assert.Single(first.Seen);
        await _fixture.OnLoopAsync(() => Close(socket));
    }

    private static bool Close(TcpSocket socket)
    {
        socket.Close();
        return true;
    }

    private static int Receive(Socket peer)
    {
        peer.ReceiveTimeout = (int)Deadline.Default.TotalMilliseconds;
        return peer.Receive(new byte[8]);
    }

    private Socket Connect()
    {
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        peer.Connect(_listener.LocalEndPoint!);
        return peer;
    }

    private (TcpSocket Socket, Socket Peer, int Descriptor) Accept()
    {
        var peer = Connect();
        var (socket, descriptor) = Accepted();
        return (socket, peer, descriptor);
    }

    private (TcpSocket Socket, int Descriptor) Accepted()
    {
        var descriptor = Libc.Accept((int)_listener.Handle, stackalloc byte[SocketAddressReader.MaxBytes]);
        Assert.True(descriptor >= 0);
        var limit = _node.Get<TcpLimit>();
        Assert.True(limit.TryTake(descriptor, isManagement: false));
        return (new TcpSocket(_fixture.Loop, limit, descriptor), descriptor);
    }
}
