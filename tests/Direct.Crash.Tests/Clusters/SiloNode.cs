using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents one slot for a silo: its ports, and the process that uses them now.</summary>
internal sealed class SiloNode(int siloPort, int listenSiloPort, int gatewayPort, int listenGatewayPort)
{
    /// <summary>Gets the port that the silo advertises to other silos.</summary>
    public int SiloPort => siloPort;

    /// <summary>Gets the port that the silo listens on for other silos: the advertised port, unless a proxy stands before it.</summary>
    public int ListenSiloPort => listenSiloPort;

    /// <summary>Gets the port that the silo advertises to gateways.</summary>
    public int GatewayPort => gatewayPort;

    /// <summary>Gets the port that the silo listens on: the advertised port, unless a proxy stands before it.</summary>
    public int ListenGatewayPort => listenGatewayPort;

    public NodeProcess Process { get; set; } = null!;

    /// <summary>Gets all processes that have run in this slot.</summary>
    public List<NodeProcess> Runs { get; } = [];

    public bool HostsRegistry => Process.Output.Any(line => line.Contains("The gateway registry serves here", StringComparison.Ordinal));
}
