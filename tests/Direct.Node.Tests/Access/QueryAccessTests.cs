using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Access;

/// <summary>Tests that queries and close commands have the same access rules as signals.</summary>
public sealed class QueryAccessTests(QueryAccessTests.Node node) : IClassFixture<QueryAccessTests.Node>
{
    [Theory]
    [InlineData("/!direct-users?part=0,0,0")]
    [InlineData("/!direct-users?part=0,0,0&count=1")]
    [InlineData("/!direct-users")]
    [InlineData("/!direct-close?part=0,0,0")]
    [InlineData("/!direct-close")]
    [InlineData("/!direct-recheck?part=0,0,0")]
    [InlineData("/!direct-rights?part=1,2,3")]
    [InlineData("/!direct-cluster")]
    [InlineData("/!direct-signal?part=0,0,0&explain=1")]
    public async Task Call_WithoutTheKey_Is401AndClosesNobody(string target)
    {
        await using var client = await node.EnterAsync();

        var answer = await RawHttp.RequestAsync(node.Port, "GET", target);

        Answers.AssertProblem(answer, 401);
        Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
        await client.SyncAsync();
    }

    [Theory]
    [InlineData("/!direct-users?part=0,0,0")]
    [InlineData("/!direct-close?part=1,2,3")]
    [InlineData("/!direct-cluster?topics=0")]
    [InlineData("/!direct-signal?part=1,2,3&explain=1")]
    public async Task Call_WithTheKey_IsAnswered(string target)
    {
        var byHeader = await RawHttp.RequestAsync(node.Port, "GET", target, $"Authorization: Bearer {AccessNode.OtherKey}");
        var byQuery = await RawHttp.RequestAsync(node.Port, "GET", $"{target}&key={AccessNode.OtherKey}");

        Assert.Equal((200, 200), (byHeader.Status, byQuery.Status));
    }

    public sealed class Node() : AccessNode($"Direct:Signals:Keys:0={OtherKey}", "Direct:Signals:FailedAttemptsPerMinute=0");
}
