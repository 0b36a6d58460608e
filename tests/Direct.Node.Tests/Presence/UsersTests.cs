using System.Text.Json;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Presence;

/// <summary>Tests user queries on a real node.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class UsersTests(TestNode node)
{
    [Fact]
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
