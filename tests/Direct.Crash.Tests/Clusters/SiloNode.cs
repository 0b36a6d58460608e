using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents one place for a silo: its ports, and the process that has them now.</summary>
internal sealed class SiloNode(int siloPort, int gatewayPort, int listenGatewayPort)
{
    public int SiloPort => siloPort;

    /// <summary>Gets the one that gateways are told.</summary>
    public int GatewayPort => gatewayPort;

    /// <summary>Gets the one that it listens on: the same, unless a proxy stands in between.</summary>
    public int ListenGatewayPort => listenGatewayPort;

    public NodeProcess Process { get; set; } = null!;

    /// <summary>Gets all the processes there were.</summary>
    public List<NodeProcess> Runs { get; } = [];

    public bool HostsRegistry => Process.Output.Any(line => line.Contains("The gateway registry serves here", StringComparison.Ordinal));
}
