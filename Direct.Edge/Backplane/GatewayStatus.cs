using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>Whether a gateway serves.</summary>
public enum GatewayState : byte
{
    /// <summary>It admits connections and lacks nothing.</summary>
    Serving = 0,

    /// <summary>It admits connections and lacks something, its session store for instance.</summary>
    Degraded = 1,

    /// <summary>It has been told to stop.</summary>
    Draining = 2,

    /// <summary>It holds a lease, but no silo reaches it; or it admits nobody for another reason.</summary>
    Unresponsive = 3,
}

/// <summary>The figures of one gateway, in reply to <see cref="ClusterQueryKind.Status"/>.</summary>
/// <param name="Version">The version of its program.</param>
/// <param name="State">Whether it serves.</param>
public sealed record GatewayStatus(string Version, GatewayState State)
{
    /// <summary>How long its lease lasts unless it is renewed; null without a cluster.</summary>
    public TimeSpan? LeaseLeft { get; init; }

    /// <summary>Messages taken for connections since its start.</summary>
    public long Deliveries { get; init; }

    /// <summary>Calls of backends to signal since its start, with any answer.</summary>
    public long Signals { get; init; }

    /// <summary>The bytes in all its queues.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>The time since its start.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>The last canary through each silo that takes part, by the silo's name.</summary>
    public IReadOnlyList<SiloCanary> Canaries { get; init; } = [];

    /// <summary>Its largest groups, channels and rooms, the largest first; as many as <see cref="ClusterQuery.Limit"/> says.</summary>
    public IReadOnlyList<TopicSize> Topics { get; init; } = [];
}

/// <summary>The last canary of a gateway through one silo.</summary>
/// <param name="Silo">The silo's name.</param>
/// <param name="Latency">From its sending to its arrival; null if it has not arrived.</param>
/// <param name="Ago">How long ago it was sent.</param>
/// <param name="IsOk">Whether it has arrived.</param>
public readonly record struct SiloCanary(string Silo, TimeSpan? Latency, TimeSpan Ago, bool IsOk);

/// <summary>The number of connections in a topic.</summary>
/// <param name="Target">The signal that reaches all of them, and nobody else.</param>
/// <param name="Connections">The number of connections.</param>
public readonly record struct TopicSize(Target Target, int Connections);

/// <summary>One silo, as another one sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of its program; null of one that does not tell, as 0.1.0 does not.</param>
/// <param name="Status">Its status among the members of the cluster, <c>Active</c> for instance.</param>
public readonly record struct SiloMember(string Name, string? Version, string Status);
