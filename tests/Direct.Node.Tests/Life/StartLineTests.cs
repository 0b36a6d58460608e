using Direct.Node.Tests.Nodes;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Life;

[Collection(nameof(OnPlainNode))]
public sealed class StartLineTests(TestNode node)
{
    [Fact]
    public async Task Start_OfANode_LogsItsVersion()
    {
        await node.Process.WaitForOutputAsync($"Direct {BuildVersion.Read()} is ready, env=test");
    }
}
