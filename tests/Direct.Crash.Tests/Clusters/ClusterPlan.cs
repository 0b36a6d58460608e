using Direct.Crash.Tests.Scenarios;
using Direct.Testing.Databases;
using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>What cluster a scenario wants.</summary>
internal sealed record ClusterPlan
{
    public int Silos { get; init; } = CrashTimes.Silos;

    /// <summary>Gets what the cluster starts with.</summary>
    public ProgramBuild Programs { get; init; } = ProgramBuild.Current;

    /// <summary>Gets a database of its own, which may have another schema; null for the one that all scenarios share.</summary>
    public MariaDb? Database { get; init; }

    public int Gateways { get; init; } = 2;

    /// <summary>Gets whether a proxy stands before every silo's port for gateways.</summary>
    public bool HasProxies { get; init; }

    /// <summary>Gets what memory the gateways may have, all together; null for that of the test.</summary>
    public MemoryGroup? GatewayMemory { get; init; }

    /// <summary>More <c>key=value</c> for every silo.</summary>
    public IReadOnlyList<string> SiloArguments { get; init; } = [];

    /// <summary>More <c>key=value</c> for every gateway.</summary>
    public IReadOnlyList<string> GatewayArguments { get; init; } = [];
}
