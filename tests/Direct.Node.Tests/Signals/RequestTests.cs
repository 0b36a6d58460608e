using System.Text;
using System.Text.Json;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Signals;

/// <summary>Tests single signals by GET or POST: the accepted requests, and the responses to all others.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class RequestTests(TestNode node) : IAsyncLifetime
{
    private readonly long _group = node.NewNumber();
    private readonly long _channel = node.NewNumber();
    private ProtocolClient? _client;

    private ProtocolClient Client => _client!;

    private string Part => $"{_group},{_channel},0";

    public async ValueTask InitializeAsync() => _client = await node.JoinAsync(_group, _channel);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _client?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("GET", "/!direct-signal")]
    [InlineData("GET", "/%21direct-signal")]
    [InlineData("POST", "/!direct-signal")]
    [InlineData("POST", "/%21direct-signal")]
    public async Task Signal_ByTheQueryString_IsDelivered(string method, string path)
    {
        var answer = method == "GET"
            ? await GetAsync($"part={Part}&message=hello", path)
            : await RawHttp.RequestWithBodyAsync(node.Port, method, $"{path}?part={Part}&message=hello", []);

        Assert.Equal(1, Answers.Delivered(answer));
        Assert.Equal("hello", await Client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("/!direct-signal/")]
    [InlineData("/!DIRECT-SIGNAL")]
    [InlineData("/!direct-signals")]
    [InlineData("/direct-signal")]
    [InlineData("/!direct-signal/x")]
    public async Task Signal_ToAnotherPath_Is404(string path)
    {
        var answer = await GetAsync($"part={Part}&message=hello", path);

        Assert.Equal(404, answer.Status);
        await AssertNothingArrivedAsync();
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("HEAD")]
    public async Task Signal_ByAnotherMethod_Is405NamingThoseAllowed(string method)
    {
        var answer = await RawHttp.RequestAsync(node.Port, method, $"/!direct-signal?part={Part}&message=hello");

        Assert.Equal(405, answer.Status);
        Assert.Equal("GET, POST", answer.Header("Allow"));
        await AssertNothingArrivedAsync();
    }

    [Theory]
    [InlineData("text/plain", "hello & goodbye=1%41+")]
    [InlineData("application/octet-stream", "ж 🔑")]
    [InlineData("application/jsonp", "[1]")]
    [InlineData("text/json", "[{}]")]
    [InlineData(null, "no type at all")]
    public async Task Post_OfAnyOtherType_SendsItsBodyAsItIs(string? contentType, string body)
    {
        string[] headers = contentType is null ? [] : [$"Content-Type: {contentType}"];

        var answer = await RawHttp.RequestWithBodyAsync(node.Port, "POST", $"/!direct-signal?part={Part}", Encoding.UTF8.GetBytes(body), headers);

        Assert.Equal(1, Answers.Delivered(answer));
        Assert.Equal(body, await Client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Post_OfAForm_SendsItsMessage()
    {
        var body = Encoding.UTF8.GetBytes($"part={Part}&message=a%26b+c&x=y");

        var answer = await RawHttp.RequestWithBodyAsync(
            node.Port, "POST", "/!direct-signal", body, "Content-Type: application/x-www-form-urlencoded");

        Assert.Equal(1, Answers.Delivered(answer));
        Assert.Equal("a&b c", await Client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Post_InChunks_SendsItsBody()
    {
        var request = $"POST /!direct-signal?part={Part} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

        var answer = await RawHttp.SendAsync(node.Port, request);

        Assert.Equal(1, Answers.Delivered(answer));
        Assert.Equal("hello", await Client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Signal_Delivered_AnswersAReceipt()
    {
        await using var second = await node.JoinAsync(_group, _channel);

        var answer = await GetAsync($"part={Part}&message=hello");

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("application/json", answer.Header("Content-Type"), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(answer.Body);
        Assert.Equal(["delivered", "gateways", "id"], json.RootElement.EnumerateObject().Select(field => field.Name).Order());
        Assert.NotEmpty(json.RootElement.GetProperty("id").GetString()!);
        Assert.Equal(
            (2, 1),
            (json.RootElement.GetProperty("delivered").GetInt32(), json.RootElement.GetProperty("gateways").GetInt32()));
    }

    [Fact]
    public async Task Signal_Answered_IsInTheQueueOfEveryMember()
    {
        // The receipt guarantees that a member that closes right after it still receives the message first.
        for (var i = 0; i < 20; i++)
        {
            await using var client = await node.JoinAsync(_group, _channel);

            await node.SignalAsync(_group, _channel, 0, $"message {i}");
            await client.SendCloseAsync(1000);

            Assert.Equal($"message {i}", await client.ReceiveTextAsync());
            Assert.Equal(1000, (await client.ReceiveCloseAsync()).Code);
        }
    }

    [Theory]
    [InlineData("part=%zz&message=hello")]
    [InlineData("part=1,2,3%4&message=hello")]
    [InlineData("part=1,2,%FF&message=hello")]
    public async Task Part_BadlyEscaped_Is400NamingIt(string query)
    {
        var answer = await GetAsync(query);

        Answers.AssertProblem(answer, 400, "part");
        await AssertNothingArrivedAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0x61, 0xE2, 0x82 })]
    public async Task Message_NotUtf8InABody_Is400(byte[] body)
    {
        var answer = await RawHttp.RequestWithBodyAsync(node.Port, "POST", $"/!direct-signal?part={Part}", body, "Content-Type: text/plain");

        Answers.AssertProblem(answer, 400, "UTF-8");
        await AssertNothingArrivedAsync();
    }

    [Theory]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task Message_UpToTheLimit_IsDelivered(int bytes)
    {
        var text = new string('x', bytes);

        Assert.Equal(1, (await node.SignalAsync(_group, _channel, 0, text)).Delivered);
        Assert.Equal(1, Answers.Delivered(await PostAsync(text)));

        Assert.Equal(text, await Client.ReceiveTextAsync());
        Assert.Equal(text, await Client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Message_OfTheLimitPercentEncodedInAGet_IsDelivered()
    {
        var text = new string('ж', 32_768);
        var encoded = Uri.EscapeDataString(text);
        Assert.Equal(196_608, encoded.Length);

        var answer = await GetAsync($"part={Part}&message={encoded}");

        Assert.Equal(1, Answers.Delivered(answer));
        Assert.Equal(text, await Client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Message_OverTheLimit_Is413()
    {
        var text = new string('x', 65_537);

        Answers.AssertProblem(await GetAsync($"part={Part}&message={text}"), 413, "65536");
        Answers.AssertProblem(await GetAsync($"part={Part}&message={string.Concat(Enumerable.Repeat("%78", 65_537))}"), 413, "65536");
        Answers.AssertProblem(await PostAsync(text), 413, "65536");
        await AssertNothingArrivedAsync();
    }

    [Theory]
    [InlineData(65_537)]
    [InlineData(10_000_000)]
    public async Task Message_OverTheLimitInChunks_Is413(int bytes)
    {
        var head = $"POST /!direct-signal?part={Part} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        var request = $"{head}{bytes:x}\r\n{new string('x', bytes)}\r\n0\r\n\r\n";

        var answer = await RawHttp.SendAsync(node.Port, request);

        // A peer that is refused while it still sends may see a reset before it reads the response.
        Assert.True(answer.Status == 413 || (answer.Status == 0 && bytes > 1_000_000), $"413 expected, got {answer}");
        await AssertNothingArrivedAsync();
    }

    [Fact]
    public async Task Body_ThatOnlyClaimsToBeHuge_Is413()
    {
        var request = $"POST /!direct-signal?part={Part} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n";

        var answer = await RawHttp.SendAsync(node.Port, request);

        Assert.Equal(413, answer.Status);
        await AssertNothingArrivedAsync();
    }

    [Fact]
    public async Task Query_FarOverTheLimit_IsRefused()
    {
        var answer = await GetAsync($"part={Part}&message={new string('x', 5_000_000)}");

        Assert.True(answer.Status is 413 or 414 or 400 or 0, $"a refusal expected, got {answer}");
        await AssertNothingArrivedAsync();
    }

    private Task<HttpAnswer> GetAsync(string query, string path = "/!direct-signal") =>
        RawHttp.RequestAsync(node.Port, "GET", query.Length == 0 ? path : $"{path}?{query}");

    private Task<HttpAnswer> PostAsync(string body) => RawHttp.RequestWithBodyAsync(
        node.Port, "POST", $"/!direct-signal?part={Part}", Encoding.UTF8.GetBytes(body), "Content-Type: text/plain");

    private async Task AssertNothingArrivedAsync()
    {
        await node.SignalAsync(_group, _channel, 0, "end");
        Assert.Empty(await Client.ReceiveTextsUntilAsync("end"));
    }
}
