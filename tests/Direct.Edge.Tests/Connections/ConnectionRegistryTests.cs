using Direct.Edge.Connections;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionRegistryTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    private ConnectionRegistry Registry => _gateway.Registry;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Connections_SomeHaveEnded_AreTheOthers()
    {
        var clients = new[] { _gateway.Connect(), _gateway.Connect(), _gateway.Connect() };

        await clients[1].LoseAsync();

        var left = new[] { clients[0].Connection, clients[2].Connection };
        Assert.Equal(left, Registry.Connections.OrderBy(connection => connection.Id));
        Assert.Equal(left, Registry.EachConnection.OrderBy(connection => connection.Id));
        Assert.Equal(2, Registry.Count);
    }

    // A closing connection has not ended: its socket is still in use.
    [Fact]
    public async Task WhenEmpty_ConnectionCloses_WaitsForItsEnd()
    {
        var client = _gateway.Connect();
        var empty = Registry.WhenEmpty();

        client.Connection.BeginClose(CloseReason.GatewayDraining);
        Assert.False(empty.IsCompleted);
        await client.LoseAsync();

        await Deadline.RunAsync("the registry is empty", token => new ValueTask(empty.WaitAsync(token)));
    }

    [Fact]
    public async Task WhenEmpty_LastConnectionHasEnded_NothingIsLeftOfIt()
    {
        var client = await _gateway.JoinAsync(1, 2);
        var left = Registry.WhenEmpty().ContinueWith(
            _ => (_gateway.Admission.Connections, _gateway.Index.TopicCount), TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);

        await client.LoseAsync();

        Assert.Equal((0, 0), await left);
    }

    [Fact]
    public async Task WhenEmpty_AnotherConnectionBeforeTheLastHasEnded_WaitsForBoth()
    {
        var first = _gateway.Connect();
        var empty = Registry.WhenEmpty();

        var second = _gateway.Connect();
        await first.LoseAsync();
        Assert.False(empty.IsCompleted);
        await second.LoseAsync();

        await Deadline.RunAsync("the registry is empty", token => new ValueTask(empty.WaitAsync(token)));
    }
}
