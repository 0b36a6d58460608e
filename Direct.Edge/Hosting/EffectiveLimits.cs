using Direct.Edge.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>The limits as they apply on this node: what is set, else the default of its environment, within what the machine allows.</summary>
internal sealed class EffectiveLimits
{
    // What a node will open beside its sockets once it runs: the rest of its assemblies, listeners, event queues.
    private const int Reserved = 96;

    // Sockets beyond the WebSockets, for health checks, signals, and whoever is being refused in words: a twentieth, within these.
    private const int FewestOthers = 8;
    private const int MostOthers = 1024;

    public EffectiveLimits(IOptions<LimitOptions> options, IOptions<NodeOptions> node, FileDescriptorLimit descriptors)
    {
        var set = options.Value;
        var isTest = node.Value.IsTest;

        // Past this many TCP connections of any kind a new one is dropped at once: without it the node would run out of
        // descriptors, and then it could not even accept in order to refuse.
        MaxTcpConnections = Math.Max(2 * FewestOthers, descriptors.Value - descriptors.InUse - Reserved);
        MaxConnections = (int)Math.Min(set.MaxConnections, MaxTcpConnections - Math.Clamp(MaxTcpConnections / 20, FewestOthers, MostOthers));
        MaxConnectionsPerAddress = set.MaxConnectionsPerAddress ?? (isTest ? 0 : 1_000);
        MaxUnauthenticated = set.MaxUnauthenticated;
        MessagesPerSecond = set.MessagesPerSecond ?? (isTest ? 0 : 50);
        MessageBurst = set.MessageBurst ?? Math.Max(1, MessagesPerSecond * 2);
        AcceptsPerSecond = set.AcceptsPerSecond ?? (isTest ? 0 : 2_000);
        AcceptBurst = set.AcceptBurst ?? Math.Max(1, AcceptsPerSecond * 2);
    }

    public int MaxConnections { get; }

    public int MaxConnectionsPerAddress { get; }

    public int MaxUnauthenticated { get; }

    public int MessagesPerSecond { get; }

    public int MessageBurst { get; }

    public int AcceptsPerSecond { get; }

    public int AcceptBurst { get; }

    public long MaxTcpConnections { get; }
}
