using Direct.Edge.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>The limits as they apply on this node: what is set, else the default of its environment, within what the machine allows.</summary>
internal sealed class EffectiveLimits
{
    // What a node needs beside its sockets: assemblies, logs, listeners, event queues, and room to answer health checks.
    private const int ReservedDescriptors = 128;

    public EffectiveLimits(IOptions<LimitOptions> options, IOptions<NodeOptions> node, FileDescriptorLimit descriptors)
    {
        var set = options.Value;
        var isTest = node.Value.IsTest;
        MaxConnections = (int)Math.Min(set.MaxConnections, Math.Max(1, descriptors.Value - ReservedDescriptors));
        MaxConnectionsPerAddress = set.MaxConnectionsPerAddress ?? (isTest ? 0 : 1_000);
        MaxUnauthenticated = set.MaxUnauthenticated;
        MessagesPerSecond = set.MessagesPerSecond ?? (isTest ? 0 : 50);
        MessageBurst = set.MessageBurst ?? Math.Max(1, MessagesPerSecond * 2);
        AcceptsPerSecond = set.AcceptsPerSecond ?? (isTest ? 0 : 2_000);
        AcceptBurst = set.AcceptBurst ?? Math.Max(1, AcceptsPerSecond * 2);

        // Past this many TCP connections of any kind a new one is dropped at once: without it the node would run out of
        // descriptors, and then it could not even accept in order to refuse.
        MaxTcpConnections = Math.Max(1, descriptors.Value - (ReservedDescriptors / 2));
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
