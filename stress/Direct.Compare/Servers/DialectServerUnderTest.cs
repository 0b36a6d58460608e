using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>
/// Represents a node, or a cluster, that accepts both dialects, with all connections in one of them. The load tool chooses the dialect, so what is
/// started is the same for both.
/// </summary>
internal sealed class DialectServerUnderTest(string name, string? protocol, DirectServerUnderTest node, ClusterServerUnderTest cluster)
    : ServerUnderTest(name)
{
    public const string OriginalName = "original";
    public const string Direct2Name = "direct.2";

    /// <summary>The argument with which Direct accepts direct.2.</summary>
    public const string Direct2Argument = "Direct:Connections:Direct2=true";

    public override string Command => $"{node.Command}, or {cluster.Command}";

    public override ClusterServerUnderTest? ClusterFor(Scenario scenario) => scenario.IsCluster ? cluster : null;

    public override async Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        ServerUnderTest started = scenario.IsCluster ? cluster : node;
        return await started.StartAsync(scenario, cancellationToken) with { Protocol = protocol };
    }
}
