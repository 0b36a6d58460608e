using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.JavaScript;

/// <summary>Tests the client in Node against gateways that are killed, drained, frozen and started again. Each script describes what it checks.</summary>
public sealed class ClientNodeTests
{
    private const string Direct2 = "Direct:Connections:Direct2=true";
    private const string QuickPings = "Direct:Connections:PingInterval=00:00:01";
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    // Everyone is anonymous: with env=test every connection is another user, and ids belong to users.
    private static readonly string[] Plain = ["env=production", "sessions=none", "cluster=none", "Direct:Signals:AllowedNetworks:0=127.0.0.0/8", "Direct:Drain:ReadyDelay=00:00:00"];

    [Theory]
    [InlineData("repeat.mjs")]
    [InlineData("silence.mjs", QuickPings)]
    [InlineData("closings.mjs")]
    public async Task Scenario_AtAGatewayOfDirect2_EndsWell(string script, params string[] settings)
    {
        await using var node = await NodeProcess.StartAsync([.. Plain, Direct2, .. settings]);
        await using var client = ClientScript.Start(script, node);

        await client.EndsWellAsync(EndTimeout);
    }

    [Fact]
    public async Task Rooms_AfterTheGatewayWasKilled_AreLiveAgainWithGaps()
    {
        await using var node = await NodeProcess.StartAsync([.. Plain, Direct2]);
        await using var client = ClientScript.Start("rooms.mjs", node);
        await client.WaitForOutputAsync("in the rooms");

        node.Kill();
        await using var successor = await NodeProcess.StartAsync([.. Plain, Direct2, $"port={node.Port}"]);

        await client.EndsWellAsync(EndTimeout);
    }

    [Fact]
    public async Task Rooms_AsManyAsAllowed_ComeBackAfterADrain()
    {
        await using var node = await NodeProcess.StartAsync([.. Plain, Direct2]);
        await using var client = ClientScript.Start("many.mjs", node);
        await client.WaitForOutputAsync("in the rooms");

        await using var successor = await ReplaceAsync(node, Direct2);

        await client.EndsWellAsync(EndTimeout);
    }

    [Fact]
    public async Task Dialect_WhenTheGatewayIsUpgraded_BecomesDirect2()
    {
        await using var node = await NodeProcess.StartAsync(Plain);
        await using var client = ClientScript.Start("fallback.mjs", node);
        await client.WaitForOutputAsync("speaks the original dialect");

        await using var successor = await ReplaceAsync(node, Direct2);

        await client.EndsWellAsync(EndTimeout);
    }

    [Fact]
    public async Task Dialect_WhenTheGatewayIsDowngraded_BecomesTheOriginal()
    {
        await using var node = await NodeProcess.StartAsync([.. Plain, Direct2]);
        await using var client = ClientScript.Start("downgrade.mjs", node);
        await client.WaitForOutputAsync("speaks direct.2");

        await using var successor = await ReplaceAsync(node);

        await client.EndsWellAsync(EndTimeout);
    }

    [Fact]
    public async Task Connection_ToAFrozenGateway_IsGivenUp()
    {
        await using var node = await NodeProcess.StartAsync([.. Plain, Direct2, QuickPings]);
        await using var client = ClientScript.Start("frozen.mjs", node);
        await client.WaitForOutputAsync("connected");

        await node.SendAsync("STOP");
        await client.WaitForOutputAsync("noticed");
        await node.SendAsync("CONT");

        await client.EndsWellAsync(EndTimeout);
    }

    private static async Task<NodeProcess> ReplaceAsync(NodeProcess node, params string[] settings)
    {
        await node.TerminateAsync();
        Assert.Equal(0, await node.WaitForExitAsync());
        return await NodeProcess.StartAsync([.. Plain, .. settings, $"port={node.Port}"]);
    }
}
