using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Access;

public sealed class KeyNode() : AccessNode(
    $"Direct:Signals:Keys:0={Key}", $"Direct:Signals:Keys:1={OtherKey}", "Direct:Signals:FailedAttemptsPerMinute=0");

public sealed class KeyTests(KeyNode node) : IClassFixture<KeyNode>
{
    private const string Key = AccessNode.Key;
    private const string OtherKey = AccessNode.OtherKey;
    private const string Json = "Content-Type: application/json";

    [Theory]
    [InlineData($"Authorization: Bearer {Key}")]
    [InlineData($"Authorization: Bearer {OtherKey}")]
    [InlineData($"authorization:bearer {OtherKey}")]
    [InlineData($"AUTHORIZATION: BEARER   {OtherKey}  ")]
    [InlineData($"Authorization: Bearer {OtherKey}", "Authorization: Basic YTpi")]
    public async Task Call_WithAKeyInTheHeader_IsTaken(params string[] headers) => await node.AssertAcceptedAsync(headers: headers);

    [Theory]
    [InlineData($"&key={OtherKey}")]
    [InlineData("&key=Hk7%2FpXw2%2BQz9%3DvLm4%7ETn")]
    [InlineData("&key=Hk7/pXw2%2BQz9=vLm4~Tn")]
    [InlineData($"&key={OtherKey}&key2=x&monkey=x&KEY=x")]
    public async Task Call_WithAKeyInTheQuery_IsTaken(string query) => await node.AssertAcceptedAsync(query);

    [Fact]
    public async Task Call_WithAKeyInTheQueryAndAnotherSchemeForTheProxy_IsTaken() =>
        await node.AssertAcceptedAsync($"&key={OtherKey}", ["Authorization: Basic YTpi"]);

    [Theory]
    [InlineData(null)]
    [InlineData("Authorization:")]
    [InlineData("Authorization: Basic SGs3L3BYdzI6")]
    [InlineData($"Authorization: {OtherKey}")]
    [InlineData($"Authorization: Token {OtherKey}")]
    [InlineData($"Authorization: Bearer{OtherKey}")]
    [InlineData($"Authorization: Digest {OtherKey}")]
    [InlineData($"X-Authorization: Bearer {OtherKey}")]
    [InlineData($"Proxy-Authorization: Bearer {OtherKey}")]
    [InlineData($"X-Api-Key: {OtherKey}")]
    [InlineData($"Cookie: key={OtherKey}")]
    public async Task Call_WithoutAKey_Is401(string? header) => await node.AssertRefusedAsync(401, headers: header is null ? [] : [header]);

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer 6f1e0d9a55c84b7a9e21b0a7c4d2e1f")]
    [InlineData("Bearer 6f1e0d9a55c84b7a9e21b0a7c4d2e1f88")]
    [InlineData("Bearer 6F1E0D9A55C84B7A9E21B0A7C4D2E1F8")]
    [InlineData($"Bearer {Key}{OtherKey}")]
    [InlineData($"Bearer {Key}, Bearer {OtherKey}")]
    [InlineData($"Bearer {Key} {OtherKey}")]
    [InlineData($"Bearer \"{OtherKey}\"")]
    [InlineData("Bearer *")]
    [InlineData("Bearer null")]
    [InlineData("Bearer ключ-ключ-ключ-ключ")]
    public async Task Call_WithAWrongKeyInTheHeader_Is401(string value) =>
        await node.AssertRefusedAsync(401, headers: [$"Authorization: {value}"]);

    [Theory]
    [InlineData("&key")]
    [InlineData("&key=")]
    [InlineData("&key=wrong")]
    [InlineData("&key=6f1e0d9a55c84b7a9e21b0a7c4d2e1f")]
    [InlineData("&key=Hk7/pXw2+Qz9=vLm4~Tn")]
    [InlineData($"&KEY={OtherKey}")]
    [InlineData($"&%6Bey={OtherKey}")]
    [InlineData($"&key[]={OtherKey}")]
    [InlineData($"&key={OtherKey}%")]
    [InlineData($"&key={OtherKey}%00")]
    [InlineData($"&key=%{OtherKey}")]
    [InlineData($"&access_token={OtherKey}")]
    [InlineData("&key=%D0%BA%D0%BB%D1%8E%D1%87")]
    [InlineData("&key=%FF%FE")]
    public async Task Call_WithAWrongKeyInTheQuery_Is401(string query) => await node.AssertRefusedAsync(401, query);

    [Theory]
    [InlineData($"&key={OtherKey}&key={OtherKey}")]
    [InlineData($"&key={OtherKey}&key=wrong")]
    [InlineData($"&key=wrong&key={OtherKey}")]
    [InlineData($"&key={OtherKey}", $"Authorization: Bearer {OtherKey}")]
    [InlineData("&key=", $"Authorization: Bearer {OtherKey}")]
    [InlineData("", $"Authorization: Bearer {OtherKey}", $"Authorization: Bearer {Key}")]
    public async Task Call_WithTwoKeys_Is401(string query, params string[] headers) => await node.AssertRefusedAsync(401, query, headers);

    [Fact]
    public async Task Call_WithAVeryLongKey_Is401()
    {
        await node.AssertRefusedAsync(401, headers: [$"Authorization: Bearer {new string('x', 20_000)}"]);
        await node.AssertRefusedAsync(401, "&key=" + new string('x', 150_000));
        await node.AssertRefusedAsync(401, "&key=" + string.Concat(Enumerable.Repeat("%78", 50_000)));
    }

    [Fact]
    public async Task Call_WithBytesThatAreNoTextAsAKey_IsRefused()
    {
        const string Head = "GET /!direct-signal?part=0,0,0&message=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ";

        var answer = await RawHttp.SendAsync(node.Port, (byte[])[.. Encoding.ASCII.GetBytes(Head), 0xFF, 0xFE, 0xC0, .. "\r\n\r\n"u8]);

        Assert.True(answer.Status is 400 or 401, $"a refusal expected, got {answer}");
    }

    [Fact]
    public async Task Call_ThatIsRefused_IsNotReadAnyFurther()
    {
        // A caller without access must not learn anything else, including what is wrong with its request.
        Answers.AssertProblem(await RawHttp.RequestAsync(node.Port, "GET", "/!direct-signal"), 401, "key");
        Answers.AssertProblem(await RawHttp.RequestAsync(node.Port, "GET", "/!direct-signal?part=%&message=%FF"), 401, "key");
        Answers.AssertProblem(await RawHttp.RequestWithBodyAsync(node.Port, "POST", "/!direct-signal", "["u8.ToArray(), Json), 401);
        Answers.AssertProblem(await RawHttp.RequestAsync(node.Port, "POST", "/!direct-signal", Json, "Content-Length: 99999999"), 401);
    }

    private static Task<NodeProcess> StartAsync(string key) => NodeProcess.StartAsync("cluster=none", "env=production", "sessions=none", key);
}
