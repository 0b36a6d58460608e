using System.Text.Json;
using Direct.Node.Tests.Access;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Description;

/// <summary>Tests that a node behaves as its description at <c>/!direct-openapi.json</c> says.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class DescriptionTests(TestNode node)
{
    private static readonly string[] Methods = ["get", "post"];

    /// <summary>Gets calls by path and method, with the expected status. They cover every operation and every kind of response.</summary>
    public static TheoryData<string, string, string, string, int> Calls => new()
    {
        { "GET", "/!direct-signal", "?part=1,2,3&message=hello", "", 200 },
        { "GET", "/!direct-signal", "?part=0,0,0&explain=1", "", 200 },
        { "GET", "/!direct-signal", "?part=1", "", 400 },
        { "POST", "/!direct-signal", "?part=1,2,3", "hello", 200 },
        { "POST", "/!direct-signal", "", """[{"part":"1,2,3","message":"a"},{"part":"1,2,3","message":"b","id":"x"},{"part":"1,2,3","message":"c","id":"x"}]""", 200 },
        { "POST", "/!direct-signal", "", "part=1,2,3&message=hello", 200 },
        { "POST", "/!direct-signal", "?part=1,2,3&explain=1", "", 200 },
        { "POST", "/!direct-signal", "?message=x", "", 400 },
        { "GET", "/!direct-users", "?part=0,0,0", "", 200 },
        { "GET", "/!direct-users", "?part=0,0,0&limit=1", "", 200 },
        { "GET", "/!direct-users", "?part=0,0,0&count=1", "", 200 },
        { "GET", "/!direct-users", "?part=0,0,0&info=1", "", 400 },
        { "GET", "/!direct-cluster", "", "", 200 },
        { "GET", "/!direct-cluster", "?topics=1", "", 200 },
        { "GET", "/!direct-cluster", "?topics=101", "", 400 },
        { "GET", "/!direct-close", "?part=1,2,3", "", 200 },
        { "GET", "/!direct-close", "?part=1,2,3&code=1", "", 400 },
        { "POST", "/!direct-close", "?part=1,2,3&code=4000&reason=reload", "", 200 },
        { "POST", "/!direct-close", "", "part=1,2,3&code=4000&reason=reload", 200 },
        { "GET", "/!direct-recheck", "?part=1,2,3", "", 409 },
        { "GET", "/!direct-recheck", "?part=1", "", 400 },
        { "POST", "/!direct-recheck", "?part=1,2,3", "", 409 },
        { "POST", "/!direct-recheck", "", "part=1,2,3", 409 },
        { "GET", "/!direct-rights", "?part=1,2,3", "", 409 },
        { "GET", "/!direct-rights", "?part=1,2,0", "", 400 },
        { "GET", "/!direct-console", "", "", 200 },
        { "GET", "/!direct-watch", "?part=5,0,0&seconds=1", "", 200 },
        { "GET", "/!direct-watch", "?part=5,0,0&seconds=0", "", 400 },
        { "GET", "/!direct-watch", "?part=5,0,0&messages=1", "", 403 },
        { "GET", "/!direct-openapi.json", "", "", 200 },
        { "GET", "/!direct", "", "", 426 },
        { "GET", "/livez", "", "", 200 },
        { "GET", "/readyz", "", "", 200 },
        { "GET", "/metrics", "", "", 200 },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_OfAnyOperation_IsAnsweredAsDescribed(string method, string path, string query, string body, int status)
    {
        await using var first = await node.JoinAsync(5, 7);
        await using var second = await node.JoinAsync(5, 8);
        await Task.WhenAll(first.SyncAsync(), second.SyncAsync());
        var document = await DocumentAsync();
        string[] headers = body.StartsWith('[') ? ["Content-Type: application/json"]
            : body.StartsWith("part=", StringComparison.Ordinal) ? ["Content-Type: application/x-www-form-urlencoded"] : [];

        var answer = method == "GET"
            ? await RawHttp.RequestAsync(node.Port, method, path + query)
            : await RawHttp.RequestWithBodyAsync(node.Port, method, path + query, System.Text.Encoding.UTF8.GetBytes(body), headers);

        Assert.True(answer.Status == status, $"{status} expected, got {answer}");
        AssertDescribed(document, method, path, answer);
    }

    [Fact]
    public async Task Operations_All_AreCalledByTheseTests()
    {
        var document = await DocumentAsync();

        var described = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}"));

        Assert.Equal(described.Order(StringComparer.Ordinal), Calls.Select(call => $"{call.Data.Item1.ToLowerInvariant()} {call.Data.Item2}").Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Tests that methods that are not described are refused. Health checks are left out, because they answer any method.</summary>
    [Fact]
    public async Task Methods_ThatAreNotDescribed_AreRefused()
    {
        var document = await DocumentAsync();
        foreach (var path in document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/!", StringComparison.Ordinal)))
        {
            foreach (var method in (string[])[.. Methods, "put", "delete"])
            {
                var answer = await RawHttp.RequestWithBodyAsync(node.Port, method.ToUpperInvariant(), $"{path.Name}?part=1,2,3&message=x&seconds=1", []);
                Assert.Equal(path.Value.TryGetProperty(method, out _) && path.Name != "/!direct", answer.Status is not (405 or 426));
            }
        }
    }

    private static void AssertDescribed(JsonElement document, string method, string path, HttpAnswer answer)
    {
        var schema = new Schema(document);
        var responses = document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant()).GetProperty("responses");
        Assert.True(responses.TryGetProperty($"{answer.Status}", out var response), $"{answer.Status} is not described: {answer}");
        if (!schema.Resolve(response).TryGetProperty("content", out var content))
        {
            return;
        }

        var type = Assert.Single(content.EnumerateObject(), type => answer.Header("Content-Type")!.StartsWith(type.Name, StringComparison.Ordinal));
        if (type.Name.EndsWith("json", StringComparison.Ordinal))
        {
            using var json = JsonDocument.Parse(answer.Body);
            Assert.Empty(schema.Errors(type.Value.GetProperty("schema"), json.RootElement));
        }
    }

    private async Task<JsonElement> DocumentAsync()
    {
        var answer = await RawHttp.RequestAsync(node.Port, "GET", "/!direct-openapi.json");
        Assert.Equal((200, "application/json"), (answer.Status, answer.Header("Content-Type")));
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.Clone();
    }

    /// <summary>Tests refusals of callers without access, on a node with a key.</summary>
    public sealed class Refused(QueryAccessTests.Node node) : IClassFixture<QueryAccessTests.Node>
    {
        [Theory]
        [InlineData("/!direct-signal")]
        [InlineData("/!direct-users")]
        [InlineData("/!direct-close")]
        [InlineData("/!direct-recheck")]
        [InlineData("/!direct-rights")]
        [InlineData("/!direct-cluster")]
        public async Task Call_WithoutAKey_IsRefusedAsDescribed(string path)
        {
            var description = await RawHttp.RequestAsync(node.Port, "GET", "/!direct-openapi.json");
            using var json = JsonDocument.Parse(description.Body);

            var answer = await RawHttp.RequestAsync(node.Port, "GET", path);

            Assert.Equal(401, answer.Status);
            AssertDescribed(json.RootElement, "GET", path, answer);
        }
    }
}
