using System.Diagnostics;
using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>
/// Represents a node whose web server says whenever it gets a connection. Of one that a loop took it knows nothing, so that silence, with a
/// connection behind it that is mentioned, is what tells that a head was taken and not handed over.
/// </summary>
public sealed class TalkativeNode() : TestNode(
    DirectTransport.ArgumentIfThere,
    "Logging:LogLevel:Direct=Debug",
    "Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Connections=Debug")
{
    private const string AcceptedLine = "\" accepted."; // says the web server of a TCP connection
    private const string OpenedLine = " opened, refused by "; // says the hub of a WebSocket

    /// <summary>Gets or sets how many WebSockets there have been.</summary>
    public int Opened { get; set; }

    /// <summary>Returns how many connections the web server has got by now, with the one by which this finds out.</summary>
    public async Task<int> AcceptedAsync()
    {
        await using var unusual = await ConnectAsync(new HandshakeOptions { Upgrade = "websocket, other" });
        Opened++;
        await Deadline.UntilAsync($"{Opened} WebSockets in the log", () => Lines(OpenedLine) == Opened, actual: () => $"{Lines(OpenedLine)} are");
        await unusual.CloseAsync();
        return Lines(AcceptedLine);
    }

    private int Lines(string text) => Process.Output.Count(line => line.Contains(text, StringComparison.Ordinal));
}

public sealed class AcceptedHandshakeTests(TalkativeNode node) : IClassFixture<TalkativeNode>
{
    public static TheoryData<string> Usual => [.. UsualHeads.All.Keys];

    [Theory]
    [MemberData(nameof(Usual))]
    public async Task UsualHead_IsTakenByALoop(string name) => Assert.Equal(0, await HandedOverAsync(Script.Of(UsualHeads.All[name])));

    [Fact]
    public async Task UsualHead_InPieces_IsTakenByALoop() =>
        Assert.Equal(0, await HandedOverAsync(Script.Cut(Encoding.ASCII.GetBytes(UsualHeads.Plain), 30, 100)));

    [Fact]
    public async Task UsualHead_WithFramesBehindIt_IsTakenByALoop() =>
        Assert.Equal(0, await HandedOverAsync(Script.Of(UsualHeads.Plain, ClientFrame.Text("token").Encode()) with { HasToken = true }));

    [Theory]
    [InlineData("Sec-WebSocket-Version: 8")]
    [InlineData("Sec-WebSocket-Version: 13\r\nContent-Length: 0")]
    public async Task HeadOfAnotherKind_IsKestrels(string header) =>
        Assert.Equal(1, await HandedOverAsync(Script.Of(UsualHeads.Instead("Sec-WebSocket-Version", header))));

    // What is not for a loop is known from its first bytes: only pieces of what may become a usual head are waited for.
    [Fact]
    public async Task RequestOfAnotherKind_IsNotKeptWaiting()
    {
        var watch = Stopwatch.StartNew();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await RawHttp.RequestAsync(node.Port, "GET", "/livez")).Status);
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10)); // a loop's patience is a second
    }

    // How many connections the web server has got of this script. It writes its lines in the order in which things happen, so when
    // there is the one of a WebSocket behind it, which a loop leaves to the web server, all before are there too.
    private async Task<int> HandedOverAsync(Script script)
    {
        DirectTransport.SkipElsewhere();
        var before = await node.AcceptedAsync();
        var outcome = await Exchange.RunAsync(node.Port, script);
        node.Opened += outcome.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) ? 1 : 0;

        return await node.AcceptedAsync() - before - 1;
    }
}

public sealed class TransportChoiceTests
{
    [Theory]
    [InlineData("transport=auto", true)]
    [InlineData("transport=Direct", true)]
    [InlineData("Direct:Endpoints:Transport=Kestrel", false)]
    public async Task Transport_AsItIsSet_HasLoopsOrNone(string argument, bool hasLoops)
    {
        DirectTransport.SkipElsewhere();
        await using var node = await NodeProcess.StartAsync("cluster=none", argument);
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);

        Assert.Equal(hasLoops, node.ThreadNames.Any(name => name.StartsWith("Direct loop", StringComparison.Ordinal)));
        await client.CloseAsync();
    }
}
