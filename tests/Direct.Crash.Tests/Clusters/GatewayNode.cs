using Direct.Crash.Tests.Load;
using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents one run of a gateway.</summary>
internal sealed record GatewayNode(GatewayTarget Target, NodeProcess Process)
{
    public int Run => Target.Run;
}
