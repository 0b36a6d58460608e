using Direct.Crash.Tests.Scenarios;
using Direct.Testing.Databases;
using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Specifies the cluster that a scenario starts.</summary>
internal sealed record ClusterPlan
{
    /// <summary>Gets the number of silos. If it is 0, each gateway has a silo in its process, and is a whole cluster.</summary>
    public int Silos { get; init; } = CrashTimes.Silos;

    /// <summary>Gets the build that the cluster starts with.</summary>
    public ProgramBuild Programs { get; init; } = ProgramBuild.Current;

    /// <summary>Gets a separate database, which may have another schema; null for the database that all scenarios share.</summary>
    public MariaDb? Database { get; init; }

    public int Gateways { get; init; } = 2;

    /// <summary>Gets whether a proxy stands before the gateway port of every silo.</summary>
    public bool HasProxies { get; init; }

    /// <summary>Gets whether a proxy stands before the port for silos of every silo, and between all silos and the database.</summary>
    public bool HasSiloProxies { get; init; }

    /// <summary>Gets the control group that limits the memory of all gateways together; null for that of the test.</summary>
    public MemoryGroup? GatewayMemory { get; init; }

    /// <summary>Gets more <c>key=value</c> arguments for every silo.</summary>
    public IReadOnlyList<string> SiloArguments { get; init; } = [];

    /// <summary>Gets more <c>key=value</c> arguments for every gateway.</summary>
    public IReadOnlyList<string> GatewayArguments { get; init; } = [];
}
