using System.Net;
using Direct.Edge.Connections;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Timing;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Connections;

public sealed class AdmissionTests : IDisposable
{
    private static readonly IPAddress Here = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress There = IPAddress.Parse("203.0.113.8");

    private readonly ManualTimeProvider _clock = new();
    private readonly DeadlineWheel _wheel;

    public AdmissionTests()
    {
        _wheel = new DeadlineWheel(_clock);
        _wheel.Start();
    }

    public void Dispose() => _wheel.Dispose();

    [Fact]
    public void TryAdmit_WithinEveryLimit_Admits()
    {
        var limits = new LimitOptions
        {
            MaxConnections = 1,
            MaxUnauthenticated = 1,
            MaxConnectionsPerAddress = 1,
            AcceptsPerSecond = 1,
            AcceptBurst = 1,
        };
        var admission = Create(limits);

        Assert.Null(admission.TryAdmit(Here));
    }

    [Fact]
    public void TryAdmit_AnotherAddressFull_Admits()
    {
        var admission = Create(new LimitOptions { MaxConnectionsPerAddress = 2 });
        AdmitAll(admission, Here, Here);

        Assert.Null(admission.TryAdmit(There));
    }

    [Fact]
    public void TryAdmit_ATenthOfASecondLater_AdmitsOneMore()
    {
        var admission = Create(new LimitOptions { AcceptsPerSecond = 10, AcceptBurst = 2 });
        AdmitAll(admission, Here, Here);

        _clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal((null, CloseReason.AcceptRate), (admission.TryAdmit(Here), admission.TryAdmit(Here)));
    }

    [Fact]
    public void TryAdmit_LimitsOffAsInTests_AdmitsAnyNumber()
    {
        var admission = Create(new LimitOptions { MaxConnectionsPerAddress = 0, AcceptsPerSecond = 0 });

        AdmitAll(admission, [.. Enumerable.Repeat(Here, 5_000)]);

        Assert.Equal(5_000, admission.Connections);
    }

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(9, 1, 9)]
    [InlineData(9, 9, 1)]
    public void TryAdmit_Refused_CountsNothing(int connections, int unauthenticated, int perAddress)
    {
        var admission = Create(connections, unauthenticated, perAddress);
        AdmitAll(admission, Here);

        Assert.NotNull(admission.TryAdmit(Here));

        Assert.Equal((1, 1), (admission.Connections, admission.Unauthenticated));
    }

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(9, 1, 9)]
    [InlineData(9, 9, 1)]
    public void Release_ARefusedPlace_IsFreeAgain(int connections, int unauthenticated, int perAddress)
    {
        var admission = Create(connections, unauthenticated, perAddress);
        AdmitAll(admission, Here);
        Assert.NotNull(admission.TryAdmit(Here));

        admission.Release(Here, wasAuthenticated: false);

        Assert.Equal((null, 1), (admission.TryAdmit(Here), admission.Connections));
    }

    [Fact]
    public void Release_AfterItsToken_CountsTheTokenOnce()
    {
        var admission = Create(new LimitOptions());
        AdmitAll(admission, Here, There);
        admission.Authenticated();

        admission.Release(Here, wasAuthenticated: true);

        Assert.Equal((1, 1), (admission.Connections, admission.Unauthenticated));
    }

    [Fact]
    public async Task TryAdmit_FromManyThreads_NeverAdmitsMoreThanALimitAndEndsAtZero()
    {
        const int PerAddress = 3, Unauthenticated = 5;
        var admission = Create(7, Unauthenticated, PerAddress);
        IPAddress[] addresses = [Here, There, IPAddress.Loopback];
        var held = new int[addresses.Length];
        var (strangers, admitted, errors) = (0, 0, 0);

        await Threads.RunAsync(4, thread =>
        {
            var random = new Random(thread);
            for (var round = 0; round < 20_000; round++)
            {
                var which = random.Next(addresses.Length);
                if (admission.TryAdmit(addresses[which]) is not null)
                {
                    continue;
                }

                Interlocked.Increment(ref admitted);
                Check(Interlocked.Increment(ref held[which]) <= PerAddress && Interlocked.Increment(ref strangers) <= Unauthenticated);
                var hasToken = random.Next(0, 2) == 0;
                Interlocked.Decrement(ref held[which]);
                Interlocked.Decrement(ref strangers);
                if (hasToken)
                {
                    admission.Authenticated();
                }

                admission.Release(addresses[which], hasToken);
            }
        });

        Assert.Equal((0, 0, 0), (errors, admission.Connections, admission.Unauthenticated));
        Assert.True(admitted > 1_000, $"only {admitted} were ever admitted");

        void Check(bool holds)
        {
            if (!holds)
            {
                Interlocked.Increment(ref errors);
            }
        }
    }

    private static void AdmitAll(Admission admission, params IPAddress[] addresses) =>
        Assert.All(addresses, address => Assert.Null(admission.TryAdmit(address)));

    private Admission Create(int connections, int unauthenticated, int perAddress) => Create(new LimitOptions
    {
        MaxConnections = connections,
        MaxUnauthenticated = unauthenticated,
        MaxConnectionsPerAddress = perAddress,
    });

    // Uses env=test, so that only the limits that the test sets apply.
    private Admission Create(LimitOptions limits)
    {
        var node = Options.Create(new NodeOptions { Environment = "test" });
        return new Admission(new EffectiveLimits(Options.Create(limits), node, Options.Create(new EndpointOptions()), new FileDescriptorLimit(long.MaxValue)), _wheel);
    }
}
