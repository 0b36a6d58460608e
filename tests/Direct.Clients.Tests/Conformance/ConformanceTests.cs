using Xunit;

namespace Direct.Clients.Tests.Conformance;

/// <summary>Tests all clients in the same way, against gateways that misbehave.</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public Task Clients_AgainstGatewaysThatMisbehave_AllDoTheSame() => ConformanceRun.PassesAsync(output);
}
