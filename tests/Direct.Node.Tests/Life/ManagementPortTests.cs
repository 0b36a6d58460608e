using System.Net;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>Represents a node with a separate port for health and signals.</summary>
public sealed class ManagementNode : IAsyncLifetime
{
    private NodeProcess? _process;

    public int ManagementPort { get; } = FreePort.Take();

    public NodeProcess Process => _process!;

    public async ValueTask InitializeAsync() => _process = await NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = [$"Direct:Endpoints:ManagementPort={ManagementPort}"],
        ReadyUri = new Uri($"http://127.0.0.1:{ManagementPort}/readyz"),
    });

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class ManagementPortTests(ManagementNode node) : IClassFixture<ManagementNode>
{
    [Theory]
    [InlineData("/livez", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/!direct-signal?part=0,0,0&message=hello", 200)]
    [InlineData("/!direct-users?part=0,0,0", 200)]
    [InlineData("/!direct-close?part=1,2,3", 200)]
    [InlineData("/!direct-recheck?part=1,2,3", 409)]
    [InlineData("/!direct-rights?part=1,2,3", 409)]
    [InlineData("/!direct-cluster", 200)]
    [InlineData("/!direct-console", 200)]
    [InlineData("/!direct-watch?part=1,2,3&seconds=1", 200)]
    public async Task Request_OnTheManagementPort_IsAnswered(string target, int status)
    {
        var answer = await RawHttp.RequestAsync(node.ManagementPort, "GET", target);

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/!direct-signal?part=0,0,0&message=hello")]
    [InlineData("/!direct-users?part=0,0,0")]
    [InlineData("/!direct-close?part=1,2,3")]
    [InlineData("/!direct-recheck?part=1,2,3")]
    [InlineData("/!direct-rights?part=1,2,3")]
    [InlineData("/!direct-cluster")]
    [InlineData("/!direct-console")]
    [InlineData("/!direct-watch?part=1,2,3&seconds=1")]
    [InlineData("/%21direct-signal?part=0,0,0&message=hello")]
    public async Task Request_OnTheMainPort_Is404(string target)
    {
        var answer = await RawHttp.RequestAsync(node.Process.Port, "GET", target);

        Assert.Equal(404, answer.Status);
    }

    [Fact]
    public async Task Request_OnTheMainPortNamingTheOtherAsItsHost_Is404()
    {
        var request = $"GET /!direct-signal?part=0,0,0&message=x HTTP/1.1\r\nHost: 127.0.0.1:{node.ManagementPort}\r\nConnection: close\r\n\r\n";

        var answer = await RawHttp.SendAsync(node.Process.Port, request);

        Assert.Equal(404, answer.Status);
    }

    [Fact]
    public async Task Upgrade_OnTheManagementPort_Is404()
    {
        await using var client = await ProtocolClient.QueryAsync(node.ManagementPort, HandshakeOptions.Default);

        Assert.Equal(404, client.Response.Status);
    }

    [Fact]
    public async Task Signal_OnTheManagementPort_ReachesAConnectionOfTheMainPort()
    {
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Process.Port);
        await client.JoinAsync(3, 4);

        var answer = await node.Process.Http.GetAsync(
            new Uri($"http://127.0.0.1:{node.ManagementPort}/!direct-signal?part=3,4,0&message=hello"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }
}
