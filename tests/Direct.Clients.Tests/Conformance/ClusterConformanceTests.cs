using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Conformance;

/// <summary>Tests all clients in the same way, against a cluster whose gateways end.</summary>
[Collection("publishing")] // it builds the programs, as ./run does
public sealed class ClusterConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Clients_WhileAGatewayEnds_LoseAndRepeatNothing()
    {
        Assert.SkipWhen(InstalledProgram.Find("mariadbd") is null, "MariaDB is missing; install it: apt-get install mariadb-server-core mariadb-client-core");

        await ConformanceRun.PassesAsync(output, "--cluster");
    }
}
