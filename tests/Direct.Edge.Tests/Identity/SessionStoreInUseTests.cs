using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Identity;

public sealed class SessionStoreInUseTests
{
    private readonly FakeSessionStore _store = new(new Session(SessionStatus.Known, 5));

    [Theory]
    [InlineData("production", null, true)]
    [InlineData("production", "fake", true)]
    [InlineData("production", "none", false)]
    [InlineData("test", null, false)]
    [InlineData("test", "fake", false)]
    public void Store_AnyModeAndEnvironment_IsTheOneThatIsAsked(string environment, string? mode, bool isAsked)
    {
        Assert.Equal(isAsked, Create(environment, mode).Store == _store);
    }

    [Fact]
    public void Store_WhereThereIsNone_IsNone()
    {
        Assert.Null(new SessionStoreInUse(Options.Create(new NodeOptions()), Options.Create(new SessionOptions()), []).Store);
    }

    [Fact]
    public async Task Run_OfTheNode_RunsTheStoreUntilItEnds()
    {
        using var run = new SessionStoreRun(Create("production", null));

        await run.StartAsync(CancellationToken.None);
        await Deadline.UntilAsync("the store runs", () => _store.IsRunning);
        await Deadline.RunAsync("the store ends", async token => await run.StopAsync(token));

        Assert.False(_store.IsRunning);
    }

    [Fact]
    public async Task Run_OfATestNode_LeavesTheStoreAlone()
    {
        using var run = new SessionStoreRun(Create("test", null));

        await run.StartAsync(CancellationToken.None);
        await Deadline.RunAsync("nothing is left to do", async token => await run.ExecuteTask!.WaitAsync(token));

        Assert.False(_store.IsRunning);
    }

    private SessionStoreInUse Create(string environment, string? mode) => new(
        Options.Create(new NodeOptions { Environment = environment }), Options.Create(new SessionOptions { Mode = mode }), [_store]);
}
