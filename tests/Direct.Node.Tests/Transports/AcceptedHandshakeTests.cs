using System.Diagnostics;
using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>
/// Represents a node whose web server logs each of its connections. It logs none for connections that a loop accepts. So a connection without a log
/// line, followed by one with a line, shows that a loop accepted the first head.
/// </summary>
public sealed class TalkativeNode() : TestNode(
    DirectTransport.ArgumentIfThere,
    "Logging:LogLevel:Direct=Debug",
    "Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Connections=Debug")
{
    private const string AcceptedLine = "\" accepted."; // logged by the web server for a TCP connection
    private const string OpenedLine = " opened, refused by "; // logged by the hub for a WebSocket

    /// <summary>Gets or sets the number of opened WebSockets.</summary>
    public int Opened { get; set; }

    /// <summary>Returns the number of connections that the web server has received, including the one that this method opens.</summary>
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

    // A head that is not for a loop is recognized by its first bytes. A loop waits for more bytes only when they may complete a usual head.
    [Fact]
    public async Task RequestOfAnotherKind_IsNotKeptWaiting()
    {
        var watch = Stopwatch.StartNew();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await RawHttp.RequestAsync(node.Port, "GET", "/livez")).Status);
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10)); // the head timeout of a loop is one second
    }

    // Returns the number of connections of this script that the web server received. Its log lines are in order, so after the line of a later
    // WebSocket, which a loop leaves to the web server, all earlier ones are present.
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
