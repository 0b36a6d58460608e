using Direct.Testing.Processes;
using Direct.Testing.WebSockets;
using Xunit;

namespace Direct.Clients.Tests.Examples;

/// <summary>Tests that the unchanged programs of docs/examples.md do what the page says.</summary>
public sealed class ExampleTests(BuildFolder built) : IClassFixture<BuildFolder>
{
    private const string Key = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";
    private const string NotAccepted = """{"type":"about:blank","title":"Not placed","status":503,"detail":"No room.","id":"dinner-4711"}""";
    private const string Batch = """[{"id":"dinner-4712","delivered":1,"gateways":1,"status":200},{"id":"dinner-4713","delivered":0,"gateways":0,"status":200}]""";

    public static TheoryData<string> Languages => ["curl", "PHP", "Node", "C#"];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Example_RunTwiceAgainstANode_ArrivesOnceAndPrintsTheSameReceipts(string language)
    {
        await using var node = await StartAsync();
        await using var member = await JoinAsync(node);

        var first = await ExampleProgram.RunAsync(language, node.BaseUri, Key, built);
        var second = await ExampleProgram.RunAsync(language, node.BaseUri, Key, built);

        AssertPrinted(language, first, ("dinner-4711", 1), ("dinner-4712", 1), ("dinner-4713", 0));
        Assert.Equal(first, second);
        Assert.Equal(["dinner is ready", "soup first"], (await TextsAsync(member)).Order());
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Example_WithoutTheRightKey_SaysSoAndIsNotRepeated(string language)
    {
        await using var node = await StartAsync();
        await using var member = await JoinAsync(node);

        var output = await ExampleProgram.RunAsync(language, node.BaseUri, "another key", built, exitCode: 1);

        Assert.Contains("401", output, StringComparison.Ordinal);
        Assert.Contains("key", output, StringComparison.Ordinal);
        Assert.DoesNotContain("again in", output, StringComparison.Ordinal);
        Assert.Empty(await TextsAsync(member));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Example_WithoutAnAnswerOrNotAccepted_RepeatsTheSameCallAndTakes202ForDone(string language)
    {
        await using var node = new ScriptedNode(
            ScriptedAnswer.None,
            new ScriptedAnswer(503, NotAccepted, RetryAfterSeconds: 2),
            new ScriptedAnswer(202, """{"id":"dinner-4711","delivered":1,"gateways":1,"pending":["gateway-b"]}"""),
            new ScriptedAnswer(200, Batch));

        var output = await ExampleProgram.RunAsync(language, node.Url, Key, built);

        Assert.Contains("202", output, StringComparison.Ordinal);
        Assert.Contains("gateway-b", output, StringComparison.Ordinal);
        Assert.True(node.Requests.Count == 4, $"4 requests expected, got:\n{string.Join('\n', node.Requests)}\nand this was printed:\n{output}");
        Assert.Contains("dinner-4711", node.Requests[0], StringComparison.Ordinal);
        Assert.All(node.Requests.Take(3), request => Assert.Equal(node.Requests[0], request));
        Assert.True(node.Between(1, 2) > TimeSpan.FromSeconds(1.9), $"Retry-After was 2 s, the repeat came after {node.Between(1, 2)}");
    }

    [Theory]
    [InlineData("PHP")] // curl does not read the array, as the document says
    [InlineData("Node")]
    [InlineData("C#")]
    public async Task Example_WhenOneOfAnArrayIsNotAccepted_RepeatsTheWholeArray(string language)
    {
        await using var node = new ScriptedNode(
            new ScriptedAnswer(200, """{"id":"dinner-4711","delivered":1,"gateways":1}"""),
            new ScriptedAnswer(200, $$"""[{"id":"dinner-4712","delivered":1,"gateways":1,"status":200},{{NotAccepted}}]"""),
            new ScriptedAnswer(200, Batch));

        var output = await ExampleProgram.RunAsync(language, node.Url, Key, built);

        AssertPrinted(language, output, ("dinner-4711", 1), ("dinner-4712", 1), ("dinner-4713", 0));
        Assert.Equal(3, node.Requests.Count);
        Assert.Equal(node.Requests[1], node.Requests[2]);
    }

    private static Task<NodeProcess> StartAsync(params string[] arguments) => NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = ["env=production", "sessions=none", .. arguments],
        Environment = new Dictionary<string, string> { ["Direct__Signals__Keys__0"] = Key },
    });

    private static async Task<ProtocolClient> JoinAsync(NodeProcess node)
    {
        var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(7, 1);
        return client;
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(ProtocolClient member)
    {
        await member.BroadcastAsync("end");
        return await member.ReceiveTextsUntilAsync("end");
    }

    // curl prints responses unchanged; the programs print a line for each receipt.
    private static void AssertPrinted(string language, string output, params (string Id, int Delivered)[] receipts)
    {
        Assert.All(receipts, receipt => Assert.Contains(
            language == "curl" ? $"\"id\":\"{receipt.Id}\",\"delivered\":{receipt.Delivered}," : $"200 {receipt.Id}: delivered to {receipt.Delivered}",
            output,
            StringComparison.Ordinal));
    }
}
