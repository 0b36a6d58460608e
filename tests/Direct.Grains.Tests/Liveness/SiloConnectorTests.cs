using System.Net;
using System.Net.Sockets;
using Direct.Grains.Liveness;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Liveness;

public sealed class SiloConnectorTests : IDisposable
{
    private readonly SiloConnector _connector = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SiloAddress _silo;

    public SiloConnectorTests()
    {
        _listener.Start();
        _silo = SiloAddress.New((IPEndPoint)_listener.LocalEndpoint, 1);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // As the system does for a process that is killed, if it has read all it was sent: so nothing may be sent to it.
    [Fact]
    public async Task Connect_TheOtherSideCloses_IsClosedAndHasSentNothing()
    {
        var connecting = _connector.ConnectUntilClosedAsync(_silo, Cancelled);
        var accepted = await _listener.AcceptSocketAsync(Cancelled);
        await accepted.SendAsync(new byte[1000], Cancelled);
        Assert.Equal(0, accepted.Available);
        accepted.Dispose();

        Assert.True(await EndAsync(connecting));
    }

    [Fact]
    public async Task Connect_TheOtherSideResets_IsNotClosed()
    {
        var connecting = _connector.ConnectUntilClosedAsync(_silo, Cancelled);
        var accepted = await _listener.AcceptSocketAsync(Cancelled);
        accepted.LingerState = new LingerOption(true, 0);
        accepted.Dispose();

        Assert.False(await EndAsync(connecting));
    }

    [Fact]
    public async Task Connect_NothingListens_IsNotClosed() =>
        Assert.False(await EndAsync(_connector.ConnectUntilClosedAsync(Unused(), Cancelled)));

    [Fact]
    public async Task Connect_Cancelled_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        var connecting = _connector.ConnectUntilClosedAsync(_silo, cancellation.Token);
        using var accepted = await _listener.AcceptSocketAsync(Cancelled);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EndAsync(connecting));
    }

    [Fact]
    public async Task IsRefused_OnlyIfNothingListens()
    {
        Assert.True(await _connector.IsRefusedAsync(Unused(), Cancelled));
        Assert.False(await _connector.IsRefusedAsync(_silo, Cancelled));
    }

    public void Dispose() => _listener.Dispose();

    private static SiloAddress Unused() => SiloAddress.New(IPAddress.Loopback, FreePort.Take(), 1);

    private static Task<bool> EndAsync(Task<bool> connecting) =>
        Deadline.RunAsync("the connection ends", token => new ValueTask<bool>(connecting.WaitAsync(token)));
}
