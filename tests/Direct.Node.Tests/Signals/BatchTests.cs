using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Signals;

public sealed class BatchNode() : TestNode("Direct:Signals:MaxBatch=10", "Direct:Signals:MaxBatchBytes=200000");

/// <summary>Tests POST requests of <c>application/json</c> with an array of signals.</summary>
public sealed class BatchTests(BatchNode node) : IClassFixture<BatchNode>
{
    private readonly long _group = node.NewNumber();

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task Batch_OfSeveral_AnswersAReceiptForEachInOrder(string contentType)
    {
        await using var client = await node.JoinAsync(_group, 1);

        var answer = await PostAsync(
            Batch((_group, 1, "one", null), (_group, 0, "two \u0416 \"quoted\"", $"own-{_group}"), (node.NewNumber(), 0, "nobody", null)), contentType);

        Assert.True(answer.Status == 200, $"200 expected, got {answer}");
        Assert.StartsWith("application/json", answer.Header("Content-Type"), StringComparison.Ordinal);
        var receipts = JsonNode.Parse(answer.Text)!.AsArray();
        Assert.Equal([1, 1, 0], receipts.Select(receipt => (int)receipt!["delivered"]!));
        Assert.Equal([1, 1, 0], receipts.Select(receipt => (int)receipt!["gateways"]!));
        Assert.Equal([200, 200, 200], receipts.Select(receipt => (int)receipt!["status"]!));
        Assert.Equal($"own-{_group}", (string)receipts[1]!["id"]!);
        Assert.All(receipts, receipt => Assert.NotEmpty((string)receipt!["id"]!));

        // The order is not fixed: a room and a group are different topics, and use different lanes.
        string[] received = [await client.ReceiveTextAsync(), await client.ReceiveTextAsync()];
        Assert.Equal(["one", "two \u0416 \"quoted\""], received.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Batch_WithMoreBytesThanTheLimit_Is413()
    {
        var answer = await PostAsync(Batch([.. Enumerable.Range(0, 5).Select(_ => (_group, 0L, new string('x', 50_000), (string?)null))]));

        Answers.AssertProblem(answer, 413);
    }

    [Fact]
    public async Task Batch_WithAnIdOfOtherContent_Refuses409ThatItemAlone()
    {
        await using var client = await node.JoinAsync(_group, 0);
        var id = $"batch-{_group}";
        await node.Process.SignalAsync(string.Create(CultureInfo.InvariantCulture, $"{_group},0,0"), "first", id);

        var answer = await PostAsync(Batch((_group, 0, "second", null), (_group, 0, "other", id), (_group, 0, "first", id)));
        await node.SignalAsync(_group, 0, 0, "end");

        var receipts = JsonNode.Parse(answer.Text)!.AsArray();
        Assert.Equal((200, "[200,409,200]"), (answer.Status, JsonSerializer.Serialize(receipts.Select(receipt => (int)receipt!["status"]!))));
        Assert.Equal(id, (string)receipts[1]!["id"]!);
        Assert.NotEmpty((string)receipts[1]!["title"]!);
        Assert.NotEmpty((string)receipts[1]!["detail"]!);
        Assert.Equal(1, (int)receipts[2]!["delivered"]!);
        Assert.Equal(["first", "second"], await client.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Batch_WithTheSameIdTwice_DeliversItOnce()
    {
        await using var client = await node.JoinAsync(_group, 0);
        var id = $"twice-{_group}";

        var answer = await PostAsync(Batch((_group, 0, "once", id), (_group, 0, "once", id)));
        await node.SignalAsync(_group, 0, 0, "end");

        var receipts = JsonNode.Parse(answer.Text)!.AsArray();
        Assert.Equal([1, 1], receipts.Select(receipt => (int)receipt!["delivered"]!));
        Assert.Equal(["once"], await client.ReceiveTextsUntilAsync("end"));
    }

    private static string Batch(params (long Group, long Channel, string Message, string? Id)[] signals) => new JsonArray(
        [.. signals.Select(signal =>
        {
            var item = new JsonObject { ["part"] = $"{signal.Group},{signal.Channel},0", ["message"] = signal.Message };
            if (signal.Id is not null)
            {
                item["id"] = signal.Id;
            }

            return item;
        })]).ToJsonString();

    private Task<HttpAnswer> PostAsync(string body, string contentType = "application/json") => RawHttp.RequestWithBodyAsync(
        node.Port, "POST", "/!direct-signal", Encoding.UTF8.GetBytes(body), $"Content-Type: {contentType}");
}
