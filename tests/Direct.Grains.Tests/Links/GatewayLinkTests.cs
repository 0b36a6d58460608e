using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Grains.Tests.Links;

public sealed class GatewayLinkTests
{
    private static readonly ConnectionQuery Question = new(ConnectionQueryKind.Close, 5, 7, 0, null, 0, 4500, "bye");

    private readonly FakeObserver[] _observers = [new(), new()];
    private readonly ManualTimeProvider _time = new();
    private readonly GatewayLink _link;

    public GatewayLinkTests() =>
        _link = new GatewayLink(new GatewayEntry(Guid.NewGuid(), "a", _observers), new LinkSettings(_time, NullLogger.Instance));

    /// <summary>Tests that a query goes to one observer only. Every observer responds for the whole gateway, so two would count every connection twice.</summary>
    [Fact]
    public async Task Query_SeveralObservers_AsksOneOfThem()
    {
        var asked = new List<ConnectionQuery>();
        foreach (var observer in _observers)
        {
            observer.OnQuery = query =>
            {
                asked.Add(query);
                return Task.FromResult<ConnectionResponse?>(new ConnectionResponse(3, [], [], false));
            };
        }

        var reply = await _link.QueryAsync(Question);

        Assert.Equal(3, reply?.Connections);
        Assert.Equal([Question], asked);
    }

    [Fact]
    public async Task Query_GatewayIsFenced_HasNoReply()
    {
        Assert.Null(await _link.QueryAsync(Question));
    }

    [Fact]
    public async Task Query_CallFails_HasNoReply()
    {
        _observers[0].OnQuery = static _ => Task.FromException<ConnectionResponse?>(new TimeoutException("as the test says"));

        Assert.Null(await _link.QueryAsync(Question));
    }

    /// <summary>
    /// Tests the timeout of a query. The timeout of the caller is only one second longer than that of the link, and Orleans checks call timeouts only
    /// once a second.
    /// </summary>
    [Fact]
    public async Task Query_GatewayHangs_HasNoReplyAfterTwoSeconds()
    {
        _observers[0].OnQuery = static _ => new TaskCompletionSource<ConnectionResponse?>().Task;

        var asking = _link.QueryAsync(Question);
        await Deadline.UntilAsync("it is asked", () => Task.FromResult(_time.ArmedTimers == 1));
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await Deadline.RunAsync("it is given up", token => new ValueTask<ConnectionResponse?>(asking.WaitAsync(token))));
    }
}
