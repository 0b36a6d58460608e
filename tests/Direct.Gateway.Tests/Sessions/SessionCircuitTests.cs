using Direct.Gateway.Sessions;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Sessions;

public sealed class SessionCircuitTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SessionStoreFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Run_DatabaseThatIsDownAtTheStart_IsDegradedWithoutALogin()
    {
        _fixture.Database.Error = new IOException("no table");

        await _fixture.StartAsync();

        await LacksAsync("sessions");
    }

    [Fact]
    public async Task Run_DatabaseThatComesBack_IsUsedAgainWithinASecond()
    {
        _fixture.Database.Error = new IOException("no table");
        await _fixture.StartAsync();
        await LacksAsync("sessions");
        await WaitsAsync();

        _fixture.Database.Error = null;
        _fixture.Time.Advance(Second);

        await LacksAsync(null);
        Assert.True(_fixture.Circuit.IsUp);
    }

    [Fact]
    public async Task Run_DatabaseThatStaysDown_IsCheckedOnceASecond()
    {
        _fixture.Database.Error = new IOException("no table");
        await _fixture.StartAsync();

        for (var checks = 1; checks < 5; checks++)
        {
            await Deadline.UntilAsync(
                $"{checks} checks", () => _fixture.Database.Checks == checks, actual: () => $"{_fixture.Database.Checks}");
            await WaitsAsync();
            _fixture.Time.Advance(Second);
        }
    }

    // One killed query is not an outage.
    [Fact]
    public async Task Failed_OfOneQuery_IsOverWithinASecond()
    {
        await _fixture.StartAsync();
        await WaitsAsync();

        _fixture.Circuit.Failed(new IOException("killed"), _fixture.Time.GetTimestamp());
        Assert.Equal((false, "sessions"), (_fixture.Circuit.IsUp, _fixture.Gate.DegradedReason));
        _fixture.Time.Advance(Second);

        await Deadline.UntilAsync("it is up", () => _fixture.Circuit.IsUp);
        Assert.Equal((2, null), (_fixture.Database.Checks, _fixture.Gate.DegradedReason));
    }

    // Hanging queries may fail one after the other, long after the database is back.
    [Fact]
    public async Task Failed_OfAQueryThatBeganBeforeTheLastCheck_IsNoNews()
    {
        var startedAt = _fixture.Time.GetTimestamp();
        _fixture.Time.Advance(Second);
        await _fixture.StartAsync();
        await WaitsAsync();

        _fixture.Circuit.Failed(new IOException("killed"), startedAt);

        Assert.True(_fixture.Circuit.IsUp);
        Assert.Null(_fixture.Gate.DegradedReason);
    }

    // A look-up may fail to get a connection, or be killed, while other look-ups succeed.
    [Fact]
    public async Task Failed_OfAQueryThatBeganBeforeOneThatWasAnswered_IsNoNews()
    {
        await _fixture.StartAsync();
        await WaitsAsync();
        var startedAt = _fixture.Time.GetTimestamp();
        _fixture.Time.Advance(Second / 2);
        await _fixture.FindAsync("token");

        _fixture.Circuit.Failed(new IOException("no connection"), startedAt);

        Assert.True(_fixture.Circuit.IsUp);
        Assert.Null(_fixture.Gate.DegradedReason);
    }

    [Fact]
    public async Task Run_CheckThatFailsWhileALookUpIsAnswered_IsNoNews()
    {
        await _fixture.StartAsync();
        await WaitsAsync();
        _fixture.Database.CheckGate = new TaskCompletionSource();
        await CheckAgainAsync();
        await _fixture.FindAsync("token");

        _fixture.Database.CheckGate.SetException(new IOException("no connection"));

        await WaitsAsync();
        Assert.True(_fixture.Circuit.IsUp);
        Assert.Null(_fixture.Gate.DegradedReason);
    }

    // Waits until the check that is due after five seconds has begun, and then moves the clock by another second.
    private async Task CheckAgainAsync()
    {
        for (var passed = 0; passed < 5; passed++)
        {
            await WaitsAsync();
            _fixture.Time.Advance(Second);
        }

        await Deadline.UntilAsync("the second check", () => _fixture.Database.Checks == 2);
        _fixture.Time.Advance(Second);
    }

    [Fact]
    public async Task Run_WhereNobodyLogsIn_FindsAnOutageByItself()
    {
        await _fixture.StartAsync();
        await WaitsAsync();
        _fixture.Database.Error = new IOException("gone");

        for (var passed = 0; passed < 5; passed++)
        {
            await WaitsAsync();
            _fixture.Time.Advance(Second);
        }

        await LacksAsync("sessions");
        Assert.False(_fixture.Circuit.IsUp);
    }

    // The database answers, so the error is reported at /readyz, where the caller may have no other access.
    [Fact]
    public async Task Run_TablesThatCannotBeRead_AreNamed()
    {
        _fixture.Database.Error = new SessionTableException("column session.expire is date; it must be another");

        await _fixture.StartAsync();

        await LacksAsync("sessions: column session.expire is date; it must be another");
        Assert.False(_fixture.Circuit.IsUp);
    }

    private Task LacksAsync(string? what) => Deadline.UntilAsync($"the node lacks '{what}'", () => _fixture.Gate.DegradedReason == what);

    private Task WaitsAsync() => Deadline.UntilAsync("it waits", () => _fixture.Time.ArmedTimers > 0);
}
