using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

/// <summary>Tests requests that the original Direct answered and Kestrel alone does not: with raw UTF-8 in the request line, or followed by a FIN.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class RawRequestTests(TestNode node)
{
    [Fact]
    public async Task Signal_WithRawUtf8_IsDeliveredAsItIs()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);

        var answer = await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-signal?part={group},{channel},0&message=привет-😀");

        Assert.Equal(200, answer.Status);
        Assert.Equal("привет-😀", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Signals_WithRawUtf8OnOneConnection_AreAllDelivered()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);
        using var socket = await ConnectAsync();
        using var stream = new NetworkStream(socket);
        var target = $"/!direct-signal?part={group},{channel},0";

        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            $"GET {target}&message=раз HTTP/1.1\r\nHost: a\r\n\r\n"
            + $"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nдва"
            + $"GET {target}&message=три HTTP/1.1\r\nHost: a\r\n\r\n"), TestContext.Current.CancellationToken);

        string[] expected = ["раз", "два", "три"];
        foreach (var text in expected)
        {
            Assert.Equal(text, await client.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task Signal_WithBytesThatAreNotUtf8_IsRefusedSayingSo()
    {
        byte[] request = [.. "GET /!direct-signal?part=1,2,0&message="u8, 0xFF, .. " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8];

        var answer = await RawHttp.SendAsync(node.Port, request);

        Assert.Equal(400, answer.Status);
        Assert.Contains("UTF-8", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WithRawUtf8_IsNotFoundInWords()
    {
        var answer = await RawHttp.RequestAsync(node.Port, "GET", "/привет");

        Assert.Equal(404, answer.Status);
        Assert.NotEmpty(answer.Text);
    }

    [Fact]
    public async Task Handshake_WithRawUtf8InItsQuery_IsAccepted()
    {
        await using var client = await ProtocolClient.ConnectAsync(node.Port, new HandshakeOptions { Path = "/!direct?имя=ж" });

        await client.SendTextAsync("token");
        await client.SyncAsync();
    }

    // Regression test: when a client half-closed after its request, as `nc -N` does, the signal was delivered and not answered. A caller that
    // repeated it then sent it twice.
    [Theory]
    [InlineData("HTTP/1.0\r\n")]
    [InlineData("HTTP/1.1\r\nHost: a\r\n")]
    [InlineData("HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")]
    public async Task Signal_OfAClientThatSendsNoMore_IsDeliveredOnceAndAnswered(string rest)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);
        using var socket = await ConnectAsync();

        using var reader = new StreamReader(new NetworkStream(socket));

        await socket.SendAsync(Encoding.UTF8.GetBytes($"GET /!direct-signal?part={group},{channel},0&message=hello {rest}\r\n"));
        socket.Shutdown(SocketShutdown.Send);
        var answer = await Deadline.RunAsync("the node answers and closes the connection", async token => await reader.ReadToEndAsync(token));

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"delivered\":1", answer, StringComparison.Ordinal);
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, node.Port));
        return socket;
    }
}
