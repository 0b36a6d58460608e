using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Kestrel.Tests;

public sealed class OverKestrelTests
{
    [Fact]
    public async Task Node_OfThisProject_HasNoLoops()
    {
        await using var node = await NodeProcess.StartAsync();
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);

        Assert.DoesNotContain(node.ThreadNames, name => name.StartsWith("Direct loop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Node_WithATransportOfItsOwn_HasThat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the direct transport is made of Linux's own system calls");
        await using var node = await NodeProcess.StartAsync("transport=direct");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);

        Assert.Contains("Direct loop 1", node.ThreadNames);
    }
}
