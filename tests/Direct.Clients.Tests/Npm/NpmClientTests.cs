using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Npm;

/// <summary>Tests a real node with <c>ws</c> of npm, which backends and bots use. Each script describes what it checks.</summary>
public sealed class NpmClientTests
{
    [Theory]
    [InlineData("rooms.mjs")]
    [InlineData("signals.mjs")]
    [InlineData("closings.mjs")]
    [InlineData("compression.mjs")]
    [InlineData("subprotocols.mjs")]
    public async Task Script_AgainstANode_EndsWell(string script)
    {
        await using var node = await NodeProcess.StartAsync();

        await NpmScript.RunAsync(script, node);
    }

    [Fact]
    public async Task Reconnect_AfterADrain_IsBackInItsRoom()
    {
        await using var node = await NodeProcess.StartAsync();
        await using var script = NpmScript.Start("reconnect.mjs", node);
        await script.WaitForOutputAsync("in the room");

        await node.TerminateAsync();
        await script.WaitForOutputAsync("told to come back");
        Assert.Equal(0, await node.WaitForExitAsync());
        await using var successor = await NodeProcess.StartAsync($"port={node.Port}");

        await script.EndsWellAsync();
    }
}
