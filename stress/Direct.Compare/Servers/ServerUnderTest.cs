using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>Represents a server of the comparison. It starts a new process for each measurement.</summary>
internal abstract class ServerUnderTest(string name)
{
    public string Name => name;

    /// <summary>Gets how it is started, for the report.</summary>
    public abstract string Command { get; }

    /// <summary>Returns the cluster that a scenario is run on; null for a single process. No other cluster may run meanwhile.</summary>
    public virtual ClusterServerUnderTest? ClusterFor(Scenario scenario) => null;

    public abstract Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken);
}
