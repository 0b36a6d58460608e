using System.Text.Json;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Presence;

/// <summary>Who is connected, asked of a real node.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class UsersTests(TestNode node)
{
    [Fact]
    [ProtocolRow("Queries: users")]
    public async Task Users_OfARoom_AreThoseInIt()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var first = await node.MemberAsync(group, channel);
        await using var second = await node.MemberAsync(group, channel);
        await using var elsewhere = await node.MemberAsync(group);

        var users = await GetAsync($"part={group},{channel},0");

        Assert.Equal(
            [$"{first.User} {group} {channel} 1", $"{second.User} {group} {channel} 1"],
            users.GetProperty("users").EnumerateArray().Select(Row));
        Assert.Equal("null true 0", $"{users.GetProperty("next").GetRawText()} {users.GetProperty("complete").GetRawText()} {users.GetProperty("missing").GetArrayLength()}");
    }

    [Fact]
    [ProtocolRow("Queries: users")]
    public async Task Users_PageByPage_AreAllOfThemOnce()
    {
        var group = node.NewNumber();
        var members = new List<Member>();
        for (var i = 0; i < 7; i++)
        {
            members.Add(await node.MemberAsync(group, node.NewNumber()));
        }

        var rows = new List<string>();
        var next = "";
        do
        {
            var page = await GetAsync($"part={group},0,0&limit=3{next}");
            Assert.InRange(page.GetProperty("users").GetArrayLength(), 1, 3);
            rows.AddRange(page.GetProperty("users").EnumerateArray().Select(Row));
            next = page.GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
        }
        while (next is not null);

        Assert.Equal(members.Select(member => $"{member.User} {member.Group} {member.Channel} 1"), rows);
        await Task.WhenAll(members.Select(member => member.DisposeAsync().AsTask()));
    }

    [Fact]
    [ProtocolRow("Queries: count")]
    public async Task Count_OfARoom_IsItsNumbers()
    {
        var group = node.NewNumber();
        await using var first = await node.MemberAsync(group, 1);
        await using var second = await node.MemberAsync(group, 2);

        var answer = await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-users?part={group},0,0&count=1");

        Assert.Equal((200, """{"connections":2,"users":2,"gateways":1,"complete":true,"missing":[]}"""), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("GET", "/!direct-users", "part")]
    [InlineData("GET", "/!direct-users?part=0,0,0&after=7", "after")]
    [InlineData("GET", "/!direct-users?part=0,0,0&limit=1001", "limit")]
    [InlineData("GET", "/!direct-users?part=0,0,0&info=1", "info")]
    [InlineData("GET", "/%21direct-users?part=x", "part")]
    [ProtocolRow("Queries: bad input")]
    public async Task Users_BadParameter_Is400NamingIt(string method, string target, string name)
    {
        Answers.AssertProblem(await RawHttp.RequestAsync(node.Port, method, target), 400, $"'{name}'");
    }

    [Fact]
    [ProtocolRow("Queries: bad input")]
    public async Task Users_ByPost_Is405()
    {
        var answer = await RawHttp.RequestWithBodyAsync(node.Port, "POST", "/!direct-users?part=0,0,0", []);

        Answers.AssertProblem(answer, 405, "POST");
        Assert.Equal("GET", answer.Header("Allow"));
    }

    private static string Row(JsonElement row) =>
        $"{row.GetProperty("user")} {row.GetProperty("group")} {row.GetProperty("channel")} {row.GetProperty("connections")}";

    private async Task<JsonElement> GetAsync(string query)
    {
        var answer = await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-users?{query}");
        Assert.True(answer.Status == 200, $"200 expected, got {answer}");
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.Clone();
    }
}
