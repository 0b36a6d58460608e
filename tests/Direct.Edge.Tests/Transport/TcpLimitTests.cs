using Direct.Edge.Connections;
using Direct.Edge.Node;
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

        Assert.All(Enumerable.Range(0, (int)most), _ => Assert.True(limit.TryTake(0, isManagement: false)));
        Assert.False(limit.TryTake(0, isManagement: false));
        Assert.False(limit.TryTake(0, isManagement: false)); // a refused connection is not counted
        limit.Release();

        Assert.True(limit.TryTake(0, isManagement: false));
        Assert.False(limit.TryTake(0, isManagement: false));
    }

    [Fact]
    public async Task TryTake_FromManyThreads_NeverLetsMoreInThanTheLimit()
    {
        var (limit, most) = Limit();
        var (inside, highest) = (0L, 0L);

        // Each thread tries to take more than the limit, so that a refusal occurs in every round.
        var refused = 0L;
        await Threads.RunAsync(8, _ =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var held = 0;
                for (; held <= most && limit.TryTake(0, isManagement: false); held++)
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

        Assert.InRange(refused, 1, long.MaxValue); // otherwise the test proves nothing
        Assert.InRange(highest, 1, most);
        Assert.All(Enumerable.Range(0, (int)most), _ => Assert.True(limit.TryTake(0, isManagement: false)));
        Assert.False(limit.TryTake(0, isManagement: false));
    }

    [Fact]
    public void Limit_OfSettingsThatHaveNotBeenChecked_IsNotLookedAt()
    {
        var limit = new TcpLimit(new Lazy<EffectiveLimits>(() => throw new InvalidOperationException("too early")), _gateway.Metrics);

        Assert.Throws<InvalidOperationException>(() => limit.TryTake(0, isManagement: false));
    }

    [Fact]
    public void TryTake_PublicPortHasTakenAllItMay_StillTakesAtTheManagementPort()
    {
        var limit = new TcpLimit(new Lazy<EffectiveLimits>(WithManagementPort), _gateway.Metrics);
        Assert.All(Enumerable.Range(0, (int)WithManagementPort.MaxPublicTcpConnections), _ => Assert.True(limit.TryTake(0, isManagement: false)));

        Assert.False(limit.TryTake(0, isManagement: false));

        var reserved = (int)(WithManagementPort.MaxTcpConnections - WithManagementPort.MaxPublicTcpConnections);
        Assert.All(Enumerable.Range(0, reserved), _ => Assert.True(limit.TryTake(0, isManagement: true)));
        Assert.False(limit.TryTake(0, isManagement: true));
    }

    /// <summary>Tests that descriptors run out before connections do when the process opens more other files than expected.</summary>
    [Fact]
    public void TryTake_DescriptorOfTheReserve_IsForTheManagementPortAlone()
    {
        var limit = new TcpLimit(new Lazy<EffectiveLimits>(WithManagementPort), _gateway.Metrics);
        var first = WithManagementPort.FirstReservedDescriptor;

        Assert.True(limit.TryTake(first - 1, isManagement: false));
        Assert.False(limit.TryTake(first, isManagement: false));
        Assert.True(limit.TryTake(first, isManagement: true));
    }

    private static EffectiveLimits WithManagementPort { get; } = Limits(1024, managementPort: 8086);

    private static void InterlockedMax(ref long highest, long value)
    {
        for (var seen = Volatile.Read(ref highest); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref highest, value, seen);
        }
    }

    // Returns the limit of a node with few descriptors, which is as low as the limit can be.
    private (TcpLimit Limit, long Most) Limit()
    {
        var limits = Limits(100, managementPort: 0);
        return (new TcpLimit(new Lazy<EffectiveLimits>(limits), _gateway.Metrics), limits.MaxTcpConnections);
    }

    private static EffectiveLimits Limits(long descriptors, int managementPort) => new(
        Options.Create(new LimitOptions()),
        Options.Create(new NodeOptions()),
        Options.Create(new EndpointOptions { ManagementPort = managementPort }),
        new FileDescriptorLimit(descriptors));
}
