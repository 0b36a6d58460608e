using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Direct.Client.Tests.Fakes;

namespace Direct.Client.Tests.Signals;

public sealed class BatchTests
{
    private static readonly DirectPart Room = DirectPart.ForRoom(7, 1);

    [Fact]
    public async Task SignalAll_OfFewSignals_IsOneRequestWithAnIdForEach()
    {
        using var test = new SignalsUnderTest(Accept);

        var receipts = await test.Signals.SignalAllAsync([new(Room, "soup \"first\""), new(DirectPart.ForUser(-42), "", "wash-up")], TestContext.Current.CancellationToken);

        var request = Assert.Single(test.Requests);
        var items = Items(request);
        Assert.Equal(("POST", "", "application/json; charset=utf-8", $"Bearer {SignalsUnderTest.Key}"), (request.Method, request.Url.Query, request.ContentType, request.Authorization));
        Assert.Equal([("7,1,0", "soup \"first\""), ("0,0,-42", "")], items.Select(item => (item.Part, item.Message)));
        Assert.Equal((32, "wash-up"), (items[0].Id.Length, items[1].Id));
        Assert.Equal(items.Select(item => (item.Id, 200)), receipts.Select(receipt => (receipt.Id, receipt.Status)));
    }

    [Fact]
    public async Task SignalAll_OfNone_SendsNothing()
    {
        using var test = new SignalsUnderTest(Accept);

        Assert.Empty(await test.Signals.SignalAllAsync([], TestContext.Current.CancellationToken));
        Assert.Empty(test.Requests);
    }

    [Theory]
    [InlineData(10, 1_000_000, new[] { 10, 10, 5 })]
    [InlineData(1000, 900, new[] { 10, 10, 5 })]
    public async Task SignalAll_OverALimit_IsSplitInOrder(int maxBatch, int maxBytes, int[] counts)
    {
        using var test = new SignalsUnderTest(
            options => (options.MaxBatch, options.MaxBatchBytes) = (maxBatch, maxBytes), Accept);
        var signals = Enumerable.Range(10, 25).Select(i => new DirectSignal(Room, $"{i}{new string('x', 38)}", $"id-{i}")).ToList(); // 81 bytes each, with a comma

        var receipts = await test.Signals.SignalAllAsync(signals, TestContext.Current.CancellationToken);

        Assert.Equal(counts, test.Requests.Select(request => Items(request).Count));
        Assert.All(test.Requests, request => Assert.InRange(Encoding.UTF8.GetByteCount(request.Body), 1, maxBytes));
        Assert.Equal(signals.Select(signal => (signal.Message, signal.Id)), test.Requests.SelectMany(Items).Select(item => (item.Message, (string?)item.Id)));
        Assert.Equal(signals.Select(signal => signal.Id), receipts.Select(receipt => receipt.Id));
    }

    [Fact]
    public async Task SignalAll_WithRefusedItems_RepeatsOnlyThoseThatMayBeAcceptedLater()
    {
        using var test = new SignalsUnderTest(
            ScriptedHandler.Answer(200, """[{"id":"a","status":200,"delivered":1},{"id":"b","status":503,"detail":"No room."},{"id":"c","status":409,"detail":"Used."},{"id":"d","status":202,"delivered":0,"pending":["g2"]}]"""),
            ScriptedHandler.Answer(200, """[{"id":"b","status":200,"delivered":5}]"""));

        var receipts = await test.EndAsync(test.Signals.SignalAllAsync([new(Room, "1", "a"), new(Room, "2", "b"), new(Room, "3", "c"), new(Room, "4", "d")], TestContext.Current.CancellationToken));

        Assert.Equal(2, test.Requests.Count);
        Assert.Equal(("7,1,0", "2", "b"), Assert.Single(Items(test.Requests[1])));
        Assert.Equal([("a", 200, 1), ("b", 200, 5), ("c", 409, 0), ("d", 202, 0)], receipts.Select(receipt => (receipt.Id, receipt.Status, receipt.Delivered)));
        Assert.Equal((false, "Used."), (receipts[2].IsAccepted, receipts[2].Detail));
    }

    [Fact]
    public async Task SignalAll_WithAnItemThatIsNeverAccepted_ReturnsItsLastRefusal()
    {
        using var test = new SignalsUnderTest(
            ScriptedHandler.Answer(200, """[{"id":"a","status":200,"delivered":1},{"id":"b","status":503}]"""), ScriptedHandler.Answer(200, """[{"id":"b","status":503,"detail":"No room."}]"""));

        var receipts = await test.EndAsync(test.Signals.SignalAllAsync([new(Room, "1", "a"), new(Room, "2", "b")], TestContext.Current.CancellationToken));

        Assert.Equal([("a", 200, null), ("b", 503, "No room.")], receipts.Select(receipt => (receipt.Id, receipt.Status, receipt.Detail)));
        Assert.True(test.Requests.Count > 5, $"only {test.Requests.Count} tries");
    }

    [Fact]
    public async Task SignalAll_WhenARequestIsRefused_ThrowsTheReceiptsOfThoseBefore()
    {
        using var test = new SignalsUnderTest(options => options.MaxBatch = 1, Accept, ScriptedHandler.Answer(413, """{"detail":"Too large."}"""));

        var exception = await Assert.ThrowsAsync<DirectException>(
            () => test.Signals.SignalAllAsync([new(Room, "1", "a"), new(Room, "2", "b"), new(Room, "3", "c")], TestContext.Current.CancellationToken));

        Assert.Equal((413, "Too large.", 2), (exception.Status, exception.Detail, test.Requests.Count));
        Assert.Equal(["a"], exception.Receipts.Select(receipt => receipt.Id));
    }

    [Fact]
    public async Task SignalAll_OfManyRequests_EndsAfterOneTotalTimeout()
    {
        using var test = new SignalsUnderTest(
            options => (options.MaxBatch, options.TotalTimeout) = (1, TimeSpan.FromSeconds(20)),
            ScriptedHandler.Answer(503, "", retryAfterSeconds: 15),
            Accept,
            ScriptedHandler.Answer(503, "", retryAfterSeconds: 10),
            Accept);

        var exception = await Assert.ThrowsAsync<DirectException>(
            () => test.EndAsync(test.Signals.SignalAllAsync([new(Room, "1", "a"), new(Room, "2", "b")], TestContext.Current.CancellationToken)));

        Assert.Equal((503, 3), (exception.Status, test.Requests.Count));
        Assert.Equal(["a"], exception.Receipts.Select(receipt => receipt.Id));
    }

    [Fact]
    public async Task SignalAll_WithNoSignalAmongThem_SendsNothing()
    {
        using var test = new SignalsUnderTest(Accept);

        await Assert.ThrowsAsync<ArgumentNullException>(() => test.Signals.SignalAllAsync([new(Room, "1"), null!], TestContext.Current.CancellationToken));
        Assert.Empty(test.Requests);
    }

    [Fact]
    public async Task SignalAll_AnsweredWithAnotherNumberOfReceipts_IsRepeated()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(200, """[{"id":"a","status":200,"delivered":1}]"""), Accept);

        var receipts = await test.EndAsync(test.Signals.SignalAllAsync([new(Room, "1", "a"), new(Room, "2", "b")], TestContext.Current.CancellationToken));

        Assert.Equal((2, 2), (test.Requests.Count, receipts.Count));
        Assert.Equal(test.Requests[0].Body, test.Requests[1].Body);
    }

    private static HttpResponseMessage Accept(SentRequest request) => ScriptedHandler.Create(
        200, new JsonArray([.. Items(request).Select(item => new JsonObject { ["id"] = item.Id, ["delivered"] = 1, ["gateways"] = 1, ["status"] = 200 })]).ToJsonString());

    private static List<(string Part, string Message, string Id)> Items(SentRequest request) =>
        [.. JsonDocument.Parse(request.Body).RootElement.EnumerateArray().Select(item => (Text(item, "part"), Text(item, "message"), Text(item, "id")))];

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
