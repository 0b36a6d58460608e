using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Access;

/// <summary>
/// Tests that a request that a browser makes for a page of another origin needs a key, from any address. Direct.Clients.Tests tests this with
/// Chromium.
/// </summary>
public sealed class ForeignPageTests(NetworkNode node) : IClassFixture<NetworkNode>
{
    [Theory]
    [InlineData("GET", "/!direct-signal?part=0,0,0&message=unwanted")]
    [InlineData("POST", "/!direct-signal?part=0,0,0&message=unwanted")]
    [InlineData("GET", "/!direct-signal?part=0,0,0&explain=1")]
    [InlineData("GET", "/!direct-users?part=0,0,0")]
    [InlineData("GET", "/!direct-cluster")]
    [InlineData("GET", "/!direct-close?part=0,0,0")]
    [InlineData("POST", "/!direct-close?part=0,0,0")]
    public async Task Call_ForAPageOfAnotherOriginInAnAllowedNetwork_Is403AndDoesNothing(string method, string target)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        var answer = await RawHttp.RequestFromAsync(IPAddress.Parse("127.0.0.16"), node.Port, method, target, "Sec-Fetch-Site: cross-site");

        Answers.AssertProblem(answer, 403, "Direct:Connections:AllowedOrigins");
        await client.BroadcastAsync("end");
        Assert.Empty(await client.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Call_ForAPageOfTheSameOrigin_IsTaken() =>
        await node.AssertAcceptedAsync(headers: ["Sec-Fetch-Site: same-origin", "Origin: https://chat.example"], from: "127.0.0.16");
}
