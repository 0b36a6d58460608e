using Direct.Client.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Connections;

public sealed class BackoffTests
{
    [Fact]
    public async Task Reconnect_AfterEachFailure_WaitsForHalfOfALimitThatDoubles()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options => Configure(options, time));
        var waits = new List<double>();

        for (var i = 0; i < 7; i++)
        {
            (await test.Gateway.AcceptAsync()).Break();
            waits.Add(await WaitAsync(test, time));
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 15, 15], waits);
    }

    [Fact]
    public async Task Reconnect_AfterAStableConnection_BeginsWithTheFirstLimit()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options => Configure(options, time));
        (await test.Gateway.AcceptAsync()).Break();
        await WaitAsync(test, time);
        var shortLived = await test.Gateway.WelcomeAsync();
        await test.Started;
        time.Advance(TimeSpan.FromSeconds(9));
        shortLived.Break();
        var afterShort = await WaitAsync(test, time);
        var stable = await test.Gateway.WelcomeAsync();
        await test.ReadStateAsync(DirectConnectionState.Connected);
        time.Advance(TimeSpan.FromSeconds(10));
        stable.Break();

        var afterStable = await WaitAsync(test, time);

        Assert.Equal((1, 0.5), (afterShort, afterStable));
    }

    [Fact]
    public async Task Connect_WithoutAWelcome_IsTriedAgainAfterTheConnectTimeout()
    {
        var time = new ManualTimeProvider();
        await using var test = new ConnectionUnderTest(options => Configure(options, time));
        var silent = await test.Gateway.AcceptAsync();
        await silent.ReceiveAsync();

        time.Advance(TimeSpan.FromSeconds(15));
        await WaitAsync(test, time);

        await test.Gateway.WelcomeAsync();
        await test.Started;
    }

    [Fact]
    public async Task Connection_OnWhichPingsAreNotAnswered_IsReplaced()
    {
        await using var test = new ConnectionUnderTest(options => (options.KeepAliveInterval, options.KeepAliveTimeout) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200)));
        await test.Gateway.WelcomeAsync(); // which reads nothing more

        await test.Gateway.WelcomeAsync();
        Assert.Null(((DirectStateChange)await test.ReadStateAsync(DirectConnectionState.Reconnecting)).Code);
    }

    private static void Configure(DirectConnectionOptions options, ManualTimeProvider time) =>
        (options.TimeProvider, options.Random, options.ReconnectDelay, options.MaxReconnectDelay) = (time, new FixedRandom(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    // Waits until the connection is lost, moves the clock by the wait, and returns it in seconds.
    private static async Task<double> WaitAsync(ConnectionUnderTest test, ManualTimeProvider time)
    {
        await test.ReadStateAsync(DirectConnectionState.Reconnecting);
        await Deadline.UntilAsync("a wait", () => time.ArmedTimers == 1);
        var lost = time.GetTimestamp();
        time.TryAdvanceToNextTimer();
        return time.GetElapsedTime(lost).TotalSeconds;
    }
}
