using Direct.Client.Tests.Fakes;

namespace Direct.Client.Tests.Signals;

public sealed class SignalTests
{
    private static readonly DirectPart Room = DirectPart.ForRoom(7, 1);

    [Fact]
    public async Task Signal_Accepted_SendsTheKeyInAHeaderAndReturnsTheReceipt()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(200, """{"id":"a&b","delivered":3,"gateways":2,"kept":true}"""));

        var receipt = await test.Signals.SignalAsync(Room, "dinner & ünder ☃", "a&b", TestContext.Current.CancellationToken);

        var request = Assert.Single(test.Requests);
        Assert.Equal(("POST", "/base/!direct-signal", "7,1,0", "a&b"), (request.Method, request.Url.AbsolutePath, request.Query("part"), request.Query("id")));
        Assert.Equal(("dinner & ünder ☃", "text/plain; charset=utf-8", $"Bearer {SignalsUnderTest.Key}"), (request.Body, request.ContentType, request.Authorization));
        Assert.Equal((200, "a&b", 3, 2, true, true), (receipt.Status, receipt.Id, receipt.Delivered, receipt.Gateways, receipt.Kept, receipt.IsAccepted));
        Assert.Empty(receipt.Pending);
    }

    [Fact]
    public async Task Signal_AcceptedWithPendingGateways_IsNotRepeated()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(202, """{"id":"x","delivered":1,"gateways":1,"pending":["gateway-b"]}"""));

        var receipt = await test.Signals.SignalAsync(Room, "", "x", TestContext.Current.CancellationToken);

        Assert.Single(test.Requests);
        Assert.Equal((202, true, null), (receipt.Status, receipt.IsAccepted, receipt.Kept));
        Assert.Equal(["gateway-b"], receipt.Pending);
    }

    [Theory]
    [InlineData(500, "")]
    [InlineData(502, "<html>Bad Gateway</html>")]
    [InlineData(503, """{"status":503,"detail":"No room.","id":"x"}""")]
    [InlineData(504, "")]
    [InlineData(200, "<html>Welcome</html>")]
    [InlineData(200, "null")]
    [InlineData(200, """{"ok":true}""")]
    public async Task Signal_WithoutAKnownResult_IsRepeatedThroughTheOtherGatewayWithTheSameId(int status, string body)
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(status, body), ScriptedHandler.Answer(200, """{"id":"x","delivered":1,"gateways":1}"""));

        await test.EndAsync(test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(["b.example", "a.example"], test.Requests.Select(request => request.Url.Host));
        Assert.Equal(TimeSpan.FromSeconds(0.5), test.Requests[1].At - test.Requests[0].At);
        Assert.Equal((test.Requests[0].Query("id"), test.Requests[0].Body), (test.Requests[1].Query("id"), test.Requests[1].Body));
        Assert.Equal(32, test.Requests[0].Query("id").Length);
    }

    [Fact]
    public async Task Signal_TwiceWithoutAnId_HasTwoIds()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Accepted);

        var first = await test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken);
        var second = await test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal([first.Id, second.Id], test.Requests.Select(request => request.Query("id")));
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(0, 0.5)]
    public async Task Signal_RefusedWithRetryAfter_IsRepeatedAfterThatTimeOrTheBackoff(int retryAfterSeconds, double expectedSeconds)
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(503, "", retryAfterSeconds), ScriptedHandler.Accepted);

        await test.EndAsync(test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(TimeSpan.FromSeconds(expectedSeconds), test.Requests[1].At - test.Requests[0].At);
    }

    [Fact]
    public async Task Signal_WithoutAConnection_GoesToEachGatewayAtOnceAndThenWaitsLongerEachTime()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Broken, ScriptedHandler.Broken, ScriptedHandler.Broken, ScriptedHandler.Broken, ScriptedHandler.Accepted);

        await test.EndAsync(test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(["b.example", "a.example", "b.example", "a.example", "b.example"], test.Requests.Select(request => request.Url.Host));
        Assert.Equal([0, 1, 2, 4], test.Requests.Zip(test.Requests.Skip(1)).Select(pair => (pair.Second.At - pair.First.At).TotalSeconds));
    }

    [Fact]
    public async Task Signal_AfterAFailure_GoesToTheGatewayThatAnswered()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Broken, ScriptedHandler.Accepted);

        await test.Signals.SignalAsync(Room, "one", cancellationToken: TestContext.Current.CancellationToken);
        await test.Signals.SignalAsync(Room, "two", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["b.example", "a.example", "a.example"], test.Requests.Select(request => request.Url.Host));
    }

    [Theory]
    [InlineData(302)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(429)]
    public async Task Signal_Refused_ThrowsWhatTheGatewaySaidAndIsNotRepeated(int status)
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(status, """{"detail":"Because.","delivered":2,"gateways":1}""", retryAfterSeconds: 30));

        var exception = await Assert.ThrowsAsync<DirectException>(() => test.Signals.SignalAsync(Room, "hello", "x", TestContext.Current.CancellationToken));

        Assert.Single(test.Requests);
        Assert.Equal((status, "Because.", "x", 2, TimeSpan.FromSeconds(30)), (exception.Status, exception.Detail, exception.Id, exception.Delivered, exception.RetryAfter));
        Assert.Contains("Because.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signal_NeverAccepted_EndsWithTheLastAnswerBeforeTheTotalTimeout()
    {
        using var test = new SignalsUnderTest(options => options.TotalTimeout = TimeSpan.FromSeconds(20), ScriptedHandler.Answer(503, """{"detail":"No room."}"""));

        var exception = await Assert.ThrowsAsync<DirectException>(() => test.EndAsync(test.Signals.SignalAsync(Room, "hello", "x", TestContext.Current.CancellationToken)));

        Assert.Equal((503, "No room.", "x"), (exception.Status, exception.Detail, exception.Id));
        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5], test.Requests.Select(request => (request.At - test.Requests[0].At).TotalSeconds));
    }

    [Fact]
    public async Task Signal_ToldToWaitLongerThanTheTotalTimeout_EndsAtOnce()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(503, "", retryAfterSeconds: 60));

        var exception = await Assert.ThrowsAsync<DirectException>(() => test.Signals.SignalAsync(Room, "hello", "x", TestContext.Current.CancellationToken));

        Assert.Single(test.Requests);
        Assert.Equal((503, TimeSpan.FromSeconds(60)), (exception.Status, exception.RetryAfter));
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(5001)]
    [InlineData(15_000)]
    public async Task Signal_WhoseWaitEndsTooLate_EndsWithoutAnotherTry(int suspendedMs)
    {
        using var test = new SignalsUnderTest(options => options.TotalTimeout = TimeSpan.FromSeconds(20), ScriptedHandler.Answer(503, "", retryAfterSeconds: 15), ScriptedHandler.Accepted);
        var call = test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken);
        await test.WaitsAsync(requests: 1);

        test.Time.Suspend(TimeSpan.FromMilliseconds(suspendedMs)); // as a busy machine does
        Assert.True(test.Time.TryAdvanceToNextTimer());

        Assert.Equal(503, (await Assert.ThrowsAsync<DirectException>(() => call)).Status);
        Assert.Single(test.Requests);
    }

    [Fact]
    public async Task Signal_WithoutAnAnswer_IsRepeatedAfterTheTryTimeout()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Silence, ScriptedHandler.Accepted);

        await test.EndAsync(test.Signals.SignalAsync(Room, "hello", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(TimeSpan.FromSeconds(10), test.Requests[1].At - test.Requests[0].At);
    }

    [Fact]
    public async Task Signal_Cancelled_EndsWithoutAnotherTry()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(503, "", retryAfterSeconds: 5));
        using var cancel = new CancellationTokenSource();
        var call = test.Signals.SignalAsync(Room, "hello", cancellationToken: cancel.Token);
        await test.WaitsAsync(requests: 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        test.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(test.Requests);
    }

    [Theory]
    [InlineData("half a pair: ?", "x")]
    [InlineData("hello", "")]
    [InlineData("hello", "with space")]
    [InlineData("hello", "ü")]
    public async Task Signal_ThatNoGatewayAccepts_IsNotSent(string message, string id)
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Accepted);
        message = message.Replace('?', '\ud800'); // an attribute cannot hold it

        await Assert.ThrowsAnyAsync<ArgumentException>(() => test.Signals.SignalAsync(Room, message, id, TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => test.Signals.SignalAllAsync([new(Room, "good"), new(Room, message, id)], TestContext.Current.CancellationToken));

        Assert.Empty(test.Requests);
    }
}
