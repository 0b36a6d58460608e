using System.Net;
using Direct.Edge.BackendApi;
using Direct.Edge.Diagnostics;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.BackendApi;

public sealed class FailedAttemptsTests : IDisposable
{
    private static readonly IPAddress Here = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress There = IPAddress.Parse("203.0.113.8");

    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingLogger _logger = new();

    public void Dispose() => _logger.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Note_PastTheLimit_WaitsWhateverItIs(bool isRefused)
    {
        var attempts = Create(3);
        Fail(attempts, Here, 3);

        Assert.Equal(TimeSpan.FromMinutes(1), attempts.Note(Here, isRefused));
    }

    [Fact]
    public void Note_WhileItWaits_MakesItWaitNoLonger()
    {
        var attempts = Create(2);
        Fail(attempts, Here, 2);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Fail(attempts, Here, 50);

        Assert.Equal(TimeSpan.FromSeconds(1), Fail(attempts, Here));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(attempts.Note(Here, isRefused: false));
    }

    [Fact]
    public void Note_SlowerThanTheLimit_NeverWaits()
    {
        var attempts = Create(2);
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(Fail(attempts, Here));
            _clock.Advance(TimeSpan.FromSeconds(31));
        }
    }

    [Fact]
    public void Note_ARightOneBetween_ClearsTheCount()
    {
        var attempts = Create(3);
        for (var i = 0; i < 20; i++)
        {
            Fail(attempts, Here, 2);
            Assert.Null(attempts.Note(Here, isRefused: false));
        }

        Assert.Equal(0, attempts.Count);
    }

    [Fact]
    public void Note_Off_NeverWaitsAndRemembersNothing()
    {
        var attempts = Create(0);

        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.Null(Fail(attempts, Here)));
        Assert.Equal(0, attempts.Count);
    }

    [Fact]
    public void Note_AnAttackFromManyAddresses_IsRememberedWithinBounds()
    {
        var attempts = Create(1);

        for (var i = 0; i < 3 * FailedAttempts.MaxAddresses; i++)
        {
            Fail(attempts, new IPAddress(i));
        }

        Assert.Equal(FailedAttempts.MaxAddresses, attempts.Count);
        Assert.Null(Fail(attempts, new IPAddress(0)));
        Assert.NotNull(Fail(attempts, new IPAddress((3 * FailedAttempts.MaxAddresses) - 1)));
    }

    [Fact]
    public void Note_AfterAnAttack_ForgetsIt()
    {
        var attempts = Create(1);
        for (var i = 0; i < 1_000; i++)
        {
            Fail(attempts, new IPAddress(i));
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        attempts.Note(Here, isRefused: false);

        Assert.Equal(0, attempts.Count);
    }

    [Fact]
    public void Note_ManyAddressesPastTheLimit_AreOneWarningAMinute()
    {
        var attempts = Create(2);
        Fail(attempts, Here, 10);
        Fail(attempts, There, 10);

        var first = Assert.Single(_logger.Entries);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Fail(attempts, There, 10);

        Assert.Equal(EdgeEventIds.FailedAttemptsLimited, first.EventId);
        Assert.Contains("203.0.113.7", first.Text, StringComparison.Ordinal);
        Assert.Contains("203.0.113.8", _logger.Entries.Last().Text, StringComparison.Ordinal);
        Assert.Equal(2, _logger.Entries.Count);
    }

    [Fact]
    public async Task Note_FromManyThreads_LetsNoMoreThanTheLimitThrough()
    {
        const int Limit = 100;
        var attempts = Create(Limit);
        var letThrough = 0;

        await Threads.RunAsync(4, _ =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                if (Fail(attempts, Here) is null)
                {
                    Interlocked.Increment(ref letThrough);
                }
            }
        });

        Assert.Equal(Limit, letThrough);
    }

    private static TimeSpan? Fail(FailedAttempts attempts, IPAddress address, int times = 1)
    {
        TimeSpan? wait = null;
        for (var i = 0; i < times; i++)
        {
            wait = attempts.Note(address, isRefused: true);
        }

        return wait;
    }

    private FailedAttempts Create(int limit) =>
        new(Options.Create(new SignalOptions { FailedAttemptsPerMinute = limit }), _clock, _logger.For<FailedAttempts>());
}
