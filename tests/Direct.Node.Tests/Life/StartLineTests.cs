using Direct.Node.Tests.Nodes;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Life;

public sealed class StartLineTests(TestNode node) : IClassFixture<TestNode>
{
    [Fact]
    public async Task Start_OfANode_LogsItsVersion()
    {
        await node.Process.WaitForOutputAsync($"Direct {BuildVersion.Read()} is ready, env=test");
    }
}
