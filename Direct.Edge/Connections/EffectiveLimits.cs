using Direct.Edge.Node;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>The limits as they apply on this node: what is set, else the default of its environment, within what the machine allows.</summary>
internal sealed class EffectiveLimits
{
    private const int DefaultJoins = 10;

    // The descriptors that a running node opens besides its sockets: the rest of its assemblies, listeners, event queues.
    private const int Reserved = 96;

    // What of that it may open when the sockets have taken all they can get; and should that be more than was foreseen, so much is left.
    private const int OpenedLate = 16;

    // Sockets beyond the WebSockets, for health checks, signals, and connections that are being refused with a reason: a twentieth, within these.
    // As many again are reserved for the management port, where there is one.
    private const int FewestOthers = 8;
    private const int MostOthers = 1024;

    public EffectiveLimits(
        IOptions<LimitOptions> options, IOptions<NodeOptions> node, IOptions<EndpointOptions> endpoints, FileDescriptorLimit descriptors)
    {
        var set = options.Value;
        var isTest = node.Value.IsTest;

        var hasManagementPort = endpoints.Value.ManagementPort != 0;

        // Past this many TCP connections of any kind a new one is dropped at once: without it the node would run out of
        // descriptors, and then it could not even accept in order to refuse.
        MaxTcpConnections = Math.Max((hasManagementPort ? 3 : 2) * FewestOthers, descriptors.Value - descriptors.InUse - Reserved);
        var forManagement = hasManagementPort ? Others(MaxTcpConnections) : 0;
        MaxPublicTcpConnections = MaxTcpConnections - forManagement;
        FirstReservedDescriptor = Math.Max(0, descriptors.Value - forManagement - OpenedLate);
        MaxConnections = (int)Math.Min(set.MaxConnections, MaxPublicTcpConnections - Others(MaxPublicTcpConnections));
        MaxConnectionsPerAddress = set.MaxConnectionsPerAddress ?? (isTest ? 0 : 1_000);
        MaxUnauthenticated = set.MaxUnauthenticated;
        MessagesPerSecond = set.MessagesPerSecond ?? (isTest ? 0 : 50);
        MessageBurst = set.MessageBurst ?? Math.Max(1, MessagesPerSecond * 2);
        JoinsPerSecond = set.JoinsPerSecond ?? (isTest ? 0 : DefaultJoins);
        JoinBurst = set.JoinBurst ?? Math.Max(1, JoinsPerSecond * 2);
        JoinsPerSecondPerAddress = set.JoinsPerSecondPerAddress ?? (isTest || MaxConnectionsPerAddress == 0 ? 0 : Math.Max(DefaultJoins, MaxConnectionsPerAddress / 5));
        JoinBurstPerAddress = set.JoinBurstPerAddress ?? Math.Max(1, JoinsPerSecondPerAddress * 10);
        AcceptsPerSecond = set.AcceptsPerSecond ?? (isTest ? 0 : 2_000);
        AcceptBurst = set.AcceptBurst ?? Math.Max(1, AcceptsPerSecond * 2);
    }

    public int MaxConnections { get; }

    public int MaxConnectionsPerAddress { get; }

    public int MaxUnauthenticated { get; }

    public int MessagesPerSecond { get; }

    public int MessageBurst { get; }

    public int JoinsPerSecond { get; }

    public int JoinBurst { get; }

    public int JoinsPerSecondPerAddress { get; }

    public int JoinBurstPerAddress { get; }

    public int AcceptsPerSecond { get; }

    public int AcceptBurst { get; }

    /// <summary>TCP connections of every kind, at all ports.</summary>
    public long MaxTcpConnections { get; }

    /// <summary>Gets the number of open TCP connections, at all ports, from which on only the management port takes more.</summary>
    public long MaxPublicTcpConnections { get; }

    /// <summary>
    /// Gets the lowest file descriptor that no connection to a public port may have. What the process opens besides sockets cannot be foretold
    /// exactly; the number of a descriptor tells how many there are, because the kernel gives out the lowest that is free.
    /// </summary>
    public long FirstReservedDescriptor { get; }

    private static long Others(long connections) => Math.Clamp(connections / 20, FewestOthers, MostOthers);
}
