using Direct.Sessions.Tests.Databases;

namespace Direct.Sessions.Tests.Gateways;

/// <summary>Tests user names from the table to the response for a backend.</summary>
public sealed class UserNamesTests(SharedDatabase database)
{
    private const string Key = "6f1e0d9a55c84b7a9e21c3d4";

    [Fact]
    public async Task Users_WithInfo_AreCalledAsTheTableSays()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("token-of-grace", "42");
        await tables.AddSessionAsync("token-of-nobody", "43");
        await tables.InTableAsync("INSERT INTO user (id, name, nick, image, blocked) VALUES (42, 'Grüße \"G\" Hopper', 'grace', NULL, 0)");
        await using var gateway = await ProductionGateway.StartAsync(tables.ConnectionString, $"Direct:Signals:Keys:0={Key}");
        await using var grace = await gateway.EnterAsync("token-of-grace");
        await using var nobody = await gateway.EnterAsync("token-of-nobody");
        await using var stranger = await gateway.EnterAsync("unknown");

        var answer = await UsersAsync(gateway, "part=0,0,0&info=1");

        using var body = System.Text.Json.JsonDocument.Parse(answer);
        var users = body.RootElement.GetProperty("users").EnumerateArray().ToDictionary(user => user.GetProperty("user").GetInt64());
        Assert.Equal(3, users.Count);
        Assert.Equal(("Grüße \"G\" Hopper", "grace"), (users[42].GetProperty("name").GetString(), users[42].GetProperty("nick").GetString()));
        Assert.All(users.Where(user => user.Key != 42), user => Assert.False(user.Value.TryGetProperty("name", out var name) && name.GetString() is not null, $"{user.Value}"));
    }

    private static async Task<string> UsersAsync(ProductionGateway gateway, string query)
    {
        using var answer = await gateway.Process.Http.GetAsync(new Uri($"/!direct-users?{query}&key={Key}", UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {body}");
        return body;
    }
}
