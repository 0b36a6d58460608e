using Direct.Edge.Connections;
using Direct.Edge.Hosting;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Transport;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Transport;

public sealed class TcpLimitTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void TryTake_UpToTheLimit_IsTrueAndThenFalseUntilOneIsReleased()
    {
        var (limit, most) = Limit();

        Assert.All(Enumerable.Range(0, (int)most), _ => Assert.True(limit.TryTake()));
        Assert.False(limit.TryTake());
        Assert.False(limit.TryTake()); // and a refused one is not counted
        limit.Release();

        Assert.True(limit.TryTake());
        Assert.False(limit.TryTake());
    }

    [Fact]
    public async Task TryTake_FromManyThreads_NeverLetsMoreInThanTheLimit()
    {
        var (limit, most) = Limit();
        var (inside, highest) = (0L, 0L);

        // Each tries to hold all there are and more, so that somebody is refused every time.
        var refused = 0L;
        await Threads.RunAsync(8, _ =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var held = 0;
                for (; held <= most && limit.TryTake(); held++)
                {
                    InterlockedMax(ref highest, Interlocked.Increment(ref inside));
                }

                Interlocked.Add(ref refused, held <= most ? 1 : 0);
                for (; held > 0; held--)
                {
                    Interlocked.Decrement(ref inside);
                    limit.Release();
                }
            }
        });

        Assert.InRange(refused, 1, long.MaxValue); // else it would say nothing
        Assert.InRange(highest, 1, most);
        Assert.All(Enumerable.Range(0, (int)most), _ => Assert.True(limit.TryTake()));
        Assert.False(limit.TryTake());
    }

    [Fact]
    public void Limit_OfSettingsThatHaveNotBeenChecked_IsNotLookedAt()
    {
        var limit = new TcpLimit(new Lazy<EffectiveLimits>(() => throw new InvalidOperationException("too early")), _gateway.Metrics);

        Assert.Throws<InvalidOperationException>(() => limit.TryTake());
    }

    private static void InterlockedMax(ref long highest, long value)
    {
        for (var seen = Volatile.Read(ref highest); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref highest, value, seen);
        }
    }

    // As few as a node ever takes.
    private (TcpLimit Limit, long Most) Limit()
    {
        var limits = new EffectiveLimits(
            Options.Create(new LimitOptions()), Options.Create(new NodeOptions()), new FileDescriptorLimit(100));
        return (new TcpLimit(new Lazy<EffectiveLimits>(limits), _gateway.Metrics), limits.MaxTcpConnections);
    }
}
