using Direct.Client.Tests.Fakes;

namespace Direct.Client.Tests.Signals;

public sealed class QueryTests
{
    private static readonly DirectPart Group = DirectPart.ForGroup(5);

    [Fact]
    public async Task Users_OfSeveralPages_AreOneSequence()
    {
        using var test = new SignalsUnderTest(
            ScriptedHandler.Answer(200, """{"users":[{"user":-3,"group":5,"channel":7,"connections":1,"name":"Ann","nick":null,"image":"a.png"},{"user":9223372036854775807,"group":5,"channel":7,"connections":2}],"next":"5,7,42","complete":true,"missing":[]}"""),
            ScriptedHandler.Answer(200, """{"users":[{"user":43,"group":5,"channel":8,"connections":1}],"next":null,"complete":true,"missing":[]}"""));

        var users = await test.Signals.UsersAsync(Group, withNames: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([new(-3, 5, 7, 1, "Ann", null, "a.png"), new(long.MaxValue, 5, 7, 2), new(43, 5, 8, 1)], users);
        Assert.Equal([("GET", "5,0,0", "1", ""), ("GET", "5,0,0", "1", "5,7,42")], test.Requests.Select(request => (request.Method, request.Query("part"), request.Query("info"), request.Query("after"))));
    }

    [Fact]
    public async Task Users_OfAnIncompletePage_ThrowsAfterItsRows()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(200, """{"users":[{"user":1,"group":5,"channel":7,"connections":1}],"next":"x","complete":false,"missing":["g2"]}"""));
        var users = new List<ConnectedUser>();

        var exception = await Assert.ThrowsAsync<DirectException>(async () =>
        {
            await foreach (var user in test.Signals.UsersAsync(Group, cancellationToken: TestContext.Current.CancellationToken))
            {
                users.Add(user);
            }
        });

        Assert.Single(users);
        Assert.Contains("g2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Count_OfAPart_IsWhatTheGatewaysSay()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(200, """{"connections":120345,"users":98012,"gateways":3,"complete":false,"missing":["g2"]}"""));

        var count = await test.Signals.CountAsync(Group, TestContext.Current.CancellationToken);

        Assert.Equal((120345, 98012, 3, false), (count.Connections, count.Users, count.Gateways, count.IsComplete));
        Assert.Equal(["g2"], count.Missing);
        Assert.Equal("1", test.Requests[0].Query("count"));
    }

    [Fact]
    public async Task Close_AnsweredOnlyInPart_IsRepeated()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(503, """{"detail":"g2 did not answer"}"""), ScriptedHandler.Answer(200, """{"ok":true}"""), ScriptedHandler.Answer(200, """{"closed":2,"gateways":1}"""));

        var result = await test.EndAsync(test.Signals.CloseAsync(Group, 4999, "banned & gone", TestContext.Current.CancellationToken));

        Assert.Equal(new CloseResult(2, 1), result);
        Assert.All(test.Requests, request => Assert.Equal(("POST", "5,0,0", "4999", "banned & gone"), (request.Method, request.Query("part"), request.Query("code"), request.Query("reason"))));
        Assert.Equal(3, test.Requests.Count);
    }

    [Theory]
    [InlineData(3999)]
    [InlineData(5000)]
    public async Task Close_WithACodeOfNobody_IsNotSent(int code)
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(200, "{}"));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.Signals.CloseAsync(Group, code, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Empty(test.Requests);
    }

    [Fact]
    public async Task Recheck_OfAPart_IsWhatTheGatewaysSay()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(200, """{"checked":7,"removed":2,"gateways":3}"""));

        var result = await test.Signals.RecheckAsync(Group, TestContext.Current.CancellationToken);

        Assert.Equal(new RecheckResult(7, 2, 3), result);
        Assert.Equal("/base/!direct-recheck?part=5,0,0", test.Requests[0].Url.PathAndQuery);
    }
}
