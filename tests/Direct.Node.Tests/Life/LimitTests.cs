using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>Tests the limits, each on a node with only this limit, so that no other one applies.</summary>
public sealed class ConnectionLimitTests(ConnectionLimitTests.FullNode node) : IClassFixture<ConnectionLimitTests.FullNode>
{
    public sealed class FullNode() : TestNode("Direct:Limits:MaxConnections=3");

    [Fact]
    public async Task Connection_OverTheLimitOfTheNode_IsClosed4010UntilOneLeaves()
    {
        await using var first = await node.EnterAsync();
        await using var second = await node.EnterAsync();
        await using var third = await node.ConnectAsync();
        await third.SyncAsync();
        await using var fourth = await node.ConnectAsync();

        Refusal.Assert(await fourth.ReceiveCloseAsync(), 4010, "connections", "node");
        await first.SyncAsync();
        await second.CloseAsync();

        await using var fifth = await Refusal.UntilAcceptedAsync(node.Port, 4010);
        await third.SyncAsync();
    }
}

public sealed class AddressLimitTests(AddressLimitTests.LimitedNode node) : IClassFixture<AddressLimitTests.LimitedNode>
{
    public sealed class LimitedNode() : TestNode("Direct:Limits:MaxConnectionsPerAddress=2", "Direct:Identity:TrustedProxies:0=none");

    [Fact]
    public async Task Connection_OverTheLimitOfItsAddress_IsClosed4011AndOthersAreNot()
    {
        await using var first = await node.EnterAsync(From(2));
        await using var second = await node.EnterAsync(From(2));
        await using var third = await node.ConnectAsync(From(2));
        await using var other = await node.EnterAsync(From(3));

        Refusal.Assert(await third.ReceiveCloseAsync(), 4011, "address");
        await first.SyncAsync();
        await other.SyncAsync();
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Real-IP")]
    public async Task Connection_WithAnotherAddressInItsHeaders_IsCountedByItsPeer(string header)
    {
        var from = From(5 + header.Length);
        await using var first = await node.EnterAsync(from.With(header, "203.0.113.1"));
        await using var second = await node.EnterAsync(from.With(header, "203.0.113.2"));
        await using var third = await node.ConnectAsync(from.With(header, "203.0.113.3"));

        Refusal.Assert(await third.ReceiveCloseAsync(), 4011, "address");
    }

    private static HandshakeOptions From(int last) => new() { LocalAddress = new IPAddress([127, 0, 0, (byte)last]) };
}

public sealed class ProxiedAddressLimitTests(ProxiedAddressLimitTests.ProxiedNode node)
    : IClassFixture<ProxiedAddressLimitTests.ProxiedNode>
{
    public sealed class ProxiedNode() : TestNode("Direct:Limits:MaxConnectionsPerAddress=2");

    [Fact]
    public async Task Connections_BehindATrustedProxy_AreCountedByTheEntryTheProxyWrote()
    {
        // The client writes everything except the last entry, which its proxy appends.
        await using var first = await node.EnterAsync(Forwarded("198.51.100.1, 203.0.113.7").With("CF-Connecting-IP", "192.0.2.1"));
        await using var second = await node.EnterAsync(Forwarded("198.51.100.2, 203.0.113.7").With("X-Real-IP", "192.0.2.2"));
        await using var third = await node.ConnectAsync(Forwarded("198.51.100.3,203.0.113.7").With("CF-Connecting-IP", "192.0.2.3"));
        await using var other = await node.EnterAsync(Forwarded("198.51.100.1, 203.0.113.8").With("CF-Connecting-IP", "192.0.2.1"));

        Refusal.Assert(await third.ReceiveCloseAsync(), 4011, "address");
        await other.SyncAsync();
    }

    private static HandshakeOptions Forwarded(string value) => HandshakeOptions.Default.With("X-Forwarded-For", value);
}

public sealed class UnauthenticatedLimitTests(UnauthenticatedLimitTests.LimitedNode node)
    : IClassFixture<UnauthenticatedLimitTests.LimitedNode>
{
    public sealed class LimitedNode() : TestNode("Direct:Limits:MaxUnauthenticated=2");

    [Fact]
    public async Task Connection_OverTheLimitOfThoseWithoutAToken_IsClosed4012UntilOneGivesIts()
    {
        await using var first = await node.ConnectAsync();
        await using var second = await node.ConnectAsync();
        await first.SyncAsync();
        await second.SyncAsync();
        await using var third = await node.ConnectAsync();

        Refusal.Assert(await third.ReceiveCloseAsync(), 4012, "without a token");
        await first.SendTextAsync("token");
        await first.SyncAsync();

        await using var fourth = await Refusal.UntilAcceptedAsync(node.Port, 4012);
    }
}

public sealed class AcceptRateTests(AcceptRateTests.LimitedNode node) : IClassFixture<AcceptRateTests.LimitedNode>
{
    public sealed class LimitedNode() : TestNode("Direct:Limits:AcceptsPerSecond=2", "Direct:Limits:AcceptBurst=5");

    [Fact]
    public async Task Connections_FasterThanTheRate_AreClosed4013AndLaterLetIn()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => node.ConnectAsync()));

        var refused = 0;
        foreach (var client in clients)
        {
            // A refused connection receives its close frame before any pong.
            await client.SendPingAsync(1);
            var frame = await client.ReceiveAsync();
            if (frame.IsClose)
            {
                Refusal.Assert(frame.Status, 4013, "per second");
                refused++;
            }

            await client.DisposeAsync();
        }

        Assert.InRange(refused, 15, 25);
        await using var later = await Refusal.UntilAcceptedAsync(node.Port, 4013);
    }
}

public sealed class MessageRateTests(MessageRateTests.LimitedNode node) : IClassFixture<MessageRateTests.LimitedNode>
{
    public sealed class LimitedNode() : TestNode("Direct:Limits:MessagesPerSecond=10", "Direct:Limits:MessageBurst=20");

    [Theory]
    [InlineData(Opcode.Text)]
    [InlineData(Opcode.Binary)]
    [InlineData(Opcode.Ping)]
    public async Task Connection_FasterThanTheRate_IsClosed4007Alone(byte opcode)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);
        await using var other = await node.JoinAsync(group, channel);
        var payload = opcode == Opcode.Ping ? "x"u8.ToArray() : ":x"u8.ToArray();

        await client.SendAsync(Enumerable.Repeat(new ClientFrame(opcode, payload), 40));

        await Refusal.AssertClosedAsync(client, 4007, "per second");
        await other.SyncAsync();
        await Deadline.UntilAsync("only the other is left", async () => await node.CountAsync(group, channel, 0) == 1);
    }
}

public sealed class HandshakeTimeoutTests(HandshakeTimeoutTests.ImpatientNode node) : IClassFixture<HandshakeTimeoutTests.ImpatientNode>
{
    // The idle time is longer: a connection whose first bytes are read late, on a machine that is busy, would end without an answer.
    public sealed class ImpatientNode() : TestNode("Direct:Limits:HandshakeTimeout=00:00:01", "Direct:Limits:IdleTimeout=00:00:03");

    [Theory]
    [InlineData("GET /!direct HTTP/1.1\r\n")]
    [InlineData("GET /!direct HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")]
    [InlineData("G")]
    public async Task Request_ThatNeverEnds_Gets408AndItsConnectionEnds(string half)
    {
        var answer = await RawHttp.SendAsync(node.Port, half);

        Assert.Equal(408, answer.Status);
    }

    [Fact]
    public async Task Connection_ThatSendsNothing_Ends()
    {
        await using var client = await ProtocolClient.OpenAsync(node.Port);

        await client.ReadResponseAsync();

        Assert.True(client.Response.Status is 0 or 408, $"an end expected, got {client.Response}");
    }

    [Fact]
    public async Task Body_ThatNeverEnds_Ends()
    {
        const string Half = "POST /!direct-signal?part=0,0,0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf";

        var answer = await RawHttp.SendAsync(node.Port, Half);

        Assert.True(answer.Status is 0 or 400 or 408, $"an end expected, got {answer}");
    }

    [Fact]
    public async Task Connection_ThatSendsOneByteNowAndThen_EndsAllTheSame()
    {
        await using var client = await ProtocolClient.OpenAsync(node.Port);
        var answer = client.ReadResponseAsync();

        foreach (var octet in HandshakeOptions.Default.Render(node.Port).Take(100))
        {
            if (answer.IsCompleted)
            {
                break;
            }

            try
            {
                await client.SendRawAsync(new[] { (byte)octet });
            }
            catch (IOException)
            {
                break;
            }

            await Deadline.PaceAsync();
        }

        await answer;
        Assert.True(client.Response.Status is 0 or 408, $"an end expected, got {client.Response}");
    }
}
