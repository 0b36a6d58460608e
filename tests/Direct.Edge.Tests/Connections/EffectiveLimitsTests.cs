using Direct.Edge.Connections;
using Direct.Edge.Node;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Connections;

public sealed class EffectiveLimitsTests
{
    [Fact]
    public void Limits_ProductionWithDefaults_AreThoseOfTheDocument()
    {
        var limits = Create(new LimitOptions(), "production");

        Assert.Equal(
            (100_000, 1_000, 10_000, 50, 100, 2_000, 4_000),
            (limits.MaxConnections, limits.MaxConnectionsPerAddress, limits.MaxUnauthenticated,
                limits.MessagesPerSecond, limits.MessageBurst, limits.AcceptsPerSecond, limits.AcceptBurst));
    }

    [Fact]
    public void Limits_TestNodeWithDefaults_AreOffWhereATestWouldHitThem()
    {
        var limits = Create(new LimitOptions(), "test");

        Assert.Equal(
            (100_000, 0, 10_000, 0, 0),
            (limits.MaxConnections, limits.MaxConnectionsPerAddress, limits.MaxUnauthenticated, limits.MessagesPerSecond, limits.AcceptsPerSecond));
    }

    [Theory]
    [InlineData("test")]
    [InlineData("production")]
    public void Limits_ThatAreSet_ApplyAnywhere(string environment)
    {
        var limits = Create(
            new LimitOptions
            {
                MaxConnections = 1,
                MaxConnectionsPerAddress = 2,
                MaxUnauthenticated = 3,
                MessagesPerSecond = 4,
                MessageBurst = 5,
                AcceptsPerSecond = 6,
                AcceptBurst = 7,
            },
            environment);

        Assert.Equal(
            (1, 2, 3, 4, 5, 6, 7),
            (limits.MaxConnections, limits.MaxConnectionsPerAddress, limits.MaxUnauthenticated,
                limits.MessagesPerSecond, limits.MessageBurst, limits.AcceptsPerSecond, limits.AcceptBurst));
    }

    [Theory]
    [InlineData("production", null, 10, 20, 200, 2_000)]
    [InlineData("production", 10_000, 10, 20, 2_000, 20_000)]
    [InlineData("production", 1, 10, 20, 10, 100)]
    [InlineData("production", 0, 10, 20, 0, 1)]
    [InlineData("test", null, 0, 1, 0, 1)]
    public void Limits_OfJoins_FollowThoseOfAnAddress(string environment, int? perAddress, int rate, int burst, int ratePerAddress, int burstPerAddress)
    {
        var limits = Create(new LimitOptions { MaxConnectionsPerAddress = perAddress }, environment);

        Assert.Equal(
            (rate, burst, ratePerAddress, burstPerAddress),
            (limits.JoinsPerSecond, limits.JoinBurst, limits.JoinsPerSecondPerAddress, limits.JoinBurstPerAddress));
    }

    [Fact]
    public void Limits_RatesAlone_TakeTwiceAsMuchAtOnce()
    {
        var limits = Create(new LimitOptions { MessagesPerSecond = 7, AcceptsPerSecond = 9 }, "test");

        Assert.Equal((14, 18), (limits.MessageBurst, limits.AcceptBurst));
    }

    [Fact]
    public void Limits_RatesOfZero_AreOffInProductionToo()
    {
        var limits = Create(new LimitOptions { MessagesPerSecond = 0, AcceptsPerSecond = 0, MaxConnectionsPerAddress = 0 }, "production");

        Assert.Equal((0, 0, 0), (limits.MessagesPerSecond, limits.AcceptsPerSecond, limits.MaxConnectionsPerAddress));
    }

    [Theory]
    [InlineData(1_048_576)]
    [InlineData(long.MaxValue)]
    public void MaxConnections_ManyDescriptors_IsWhatIsSet(long descriptors)
    {
        Assert.Equal(100_000, Create(new LimitOptions(), "production", descriptors).MaxConnections);
    }

    // With any descriptor limit the sockets, the open descriptors and those to be opened must fit. Besides the WebSockets there must be space for
    // health checks, signals and connections that are refused with a reason.
    [Theory]
    [InlineData(256, 100)]
    [InlineData(1024, 0)]
    [InlineData(1024, 300)]
    [InlineData(20_000, 300)]
    [InlineData(1_048_576, 300)]
    public void MaxTcpConnections_AnyLimit_LeavesRoomForTheRest(long descriptors, int inUse)
    {
        var limits = Create(new LimitOptions { MaxConnections = 10_000_000 }, "production", descriptors, inUse);

        Assert.InRange(limits.MaxTcpConnections, 1, descriptors - inUse - 64);
        Assert.InRange(limits.MaxConnections, limits.MaxTcpConnections / 3, limits.MaxTcpConnections - 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(128)]
    public void MaxConnections_HardlyAnyDescriptors_IsAFewAllTheSame(long descriptors)
    {
        var limits = Create(new LimitOptions(), "production", descriptors, inUse: 100);

        Assert.InRange(limits.MaxConnections, 1, limits.MaxTcpConnections);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(420)]
    [InlineData(20_000)]
    [InlineData(1_048_576)]
    public void MaxPublicTcpConnections_ManagementPort_LeavesConnectionsAndDescriptorsForIt(long descriptors)
    {
        var limits = Create(new LimitOptions { MaxConnections = 10_000_000 }, "production", descriptors, inUse: 200, managementPort: 8086);

        Assert.InRange(limits.MaxTcpConnections - limits.MaxPublicTcpConnections, 8, 1024);
        Assert.InRange(limits.MaxConnections, 1, limits.MaxPublicTcpConnections - 8);
        Assert.InRange(limits.FirstReservedDescriptor, 0, Math.Max(0, descriptors - 8));
    }

    [Fact]
    public void MaxPublicTcpConnections_NoManagementPort_IsAllThereAre()
    {
        var limits = Create(new LimitOptions(), "production", 1024, inUse: 200);

        Assert.Equal(limits.MaxTcpConnections, limits.MaxPublicTcpConnections);
        Assert.InRange(limits.FirstReservedDescriptor, 1000, 1023); // a process without free descriptors crashes
    }

    [Fact]
    public void OfThisProcess_OnLinux_IsWhatTheKernelSays()
    {
        Assert.SkipUnless(File.Exists("/proc/self/limits"), "only Linux tells it this way");
        var row = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));

        var limit = FileDescriptorLimit.OfThisProcess().Value;

        Assert.Equal(row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], limit == long.MaxValue ? "unlimited" : $"{limit}");
    }

    private static EffectiveLimits Create(
        LimitOptions options, string environment, long descriptors = long.MaxValue, int inUse = 0, int managementPort = 0) => new(
            Options.Create(options),
            Options.Create(new NodeOptions { Environment = environment }),
            Options.Create(new EndpointOptions { ManagementPort = managementPort }),
            new FileDescriptorLimit(descriptors, inUse));
}
