using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Connections;

/// <summary>Tests connections during and after a look-up in the session store.</summary>
public sealed class ConnectionIdentityTests : IDisposable
{
    private readonly TaskCompletionSource<Session> _session = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TestGateway _gateway;

    public ConnectionIdentityTests()
    {
        _gateway = new TestGateway { Store = new FakeSessionStore((_, _) => new ValueTask<Session>(_session.Task)) };
        _gateway.Node.Environment = "production";
    }

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Receive_IdentityPending_HoldsTheFramesBehindTheToken()
    {
        var client = _gateway.Connect();

        var sending = client.SendAsync(ClientFrame.Text("token"), InMemoryClient.Ping("behind"), ClientFrame.Text("5,7"));
        Assert.Equal((false, 0), (sending.IsCompleted, client.Transport.Sent.Length));
        _session.SetResult(new Session(SessionStatus.Known, 42));
        await sending;

        Assert.Equal(
            (42L, 5L, 7L, 1),
            (client.Connection.UserId, client.Connection.GroupId, client.Connection.ChannelId, client.Transport.Frames.Count));
    }

    [Fact]
    public async Task Receive_IdentityPending_IsInNoTopic()
    {
        var client = _gateway.Connect();

        var sending = client.EnterAsync();
        var delivered = _gateway.Signal(0, 0, 0, "everyone");
        _session.SetResult(new Session(SessionStatus.Known, 42));
        await sending;

        Assert.Equal((0, 1), (delivered, _gateway.Signal(0, 0, 0, "everyone")));
    }

    [Fact]
    public async Task Receive_ClosedWhileIdentityIsPending_NeverEnters()
    {
        var client = _gateway.Connect();
        var sending = client.EnterAsync();

        client.Connection.BeginClose(CloseReason.GatewayDraining);
        _session.SetResult(new Session(SessionStatus.Known, 42));
        await sending;
        await client.LoseAsync();

        Assert.Equal((0, 0, 0), (_gateway.Index.TopicCount, _gateway.Admission.Connections, _gateway.Admission.Unauthenticated));
    }

    [Theory]
    [InlineData(SessionStatus.Unavailable, 4005)]
    [InlineData(SessionStatus.Blocked, 4501)]
    public async Task Receive_TokenRefused_ClosesWithItsCodeAndEntersNothing(SessionStatus status, int code)
    {
        var client = _gateway.Connect();
        _session.SetResult(new Session(status, 5));

        await client.SendAsync(ClientFrame.Text("token"), ClientFrame.Text("1,2"));

        Assert.Equal((code, 0), (client.Transport.Close?.Code, _gateway.Index.TopicCount));
    }

    // The loop of the transport closes such a connection with 1011; the exception must not be swallowed.
    [Fact]
    public async Task Receive_StoreThatThrows_IsToldToTheTransport()
    {
        var client = _gateway.Connect();
        _session.SetException(new InvalidDataException("an error of the store"));

        await Assert.ThrowsAsync<InvalidDataException>(() => client.EnterAsync());
    }
}
