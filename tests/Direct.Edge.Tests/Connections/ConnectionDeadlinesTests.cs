using Direct.Edge.Connections;
using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionDeadlinesTests
{
    private const long OpenedMs = 1_000;

    // The defaults: a ping every 30 s, the token within 60 s, and a read timeout of 60 s.
    private readonly ConnectionOptions _options = new();
    private ConnectionDeadlines _deadlines;

    public ConnectionDeadlinesTests() => _deadlines = new ConnectionDeadlines(_options, OpenedMs);

    [Theory]
    [InlineData(false, 59_999, null)]
    [InlineData(false, 60_000, "token_timeout")]
    [InlineData(true, 59_999, null)]
    [InlineData(true, 60_000, "keepalive_timeout")]
    public void Missed_NothingWasHeard_IsTheTokenBeforeTheKeepAlive(bool isIdentified, long afterMs, string? label)
    {
        Assert.Equal(label, _deadlines.Missed(_options, OpenedMs + afterMs, isIdentified)?.Label);
    }

    [Fact]
    public void Missed_SomethingWasHeard_CountsFromThere()
    {
        _deadlines.OnInput(OpenedMs + 50_000);

        Assert.Null(_deadlines.Missed(_options, OpenedMs + 109_999, isIdentified: true));
        Assert.Equal(CloseReason.KeepAliveTimeout, _deadlines.Missed(_options, OpenedMs + 110_000, isIdentified: true));
    }

    [Fact]
    public void TryTakePing_Late_CountsTheNextFromThere()
    {
        Assert.Equal(
            (false, true, false, true),
            (Take(29_999), Take(35_000), Take(64_999), Take(65_000)));

        bool Take(long afterMs) => _deadlines.TryTakePing(_options, OpenedMs + afterMs);
    }

    [Fact]
    public void NextMs_AnyTime_IsTheEarliestDeadline()
    {
        Assert.Equal(OpenedMs + 30_000, _deadlines.NextMs(_options, isIdentified: false));
        _deadlines.TryTakePing(_options, OpenedMs + 31_000);
        _deadlines.OnInput(OpenedMs + 31_000);

        Assert.Equal(
            (OpenedMs + 60_000, OpenedMs + 61_000),
            (_deadlines.NextMs(_options, isIdentified: false), _deadlines.NextMs(_options, isIdentified: true)));
    }
}
