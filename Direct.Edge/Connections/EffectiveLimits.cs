using Direct.Edge.Node;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Calculates the limits that apply on this node: the setting, or the default of its environment, within what the machine allows.</summary>
internal sealed class EffectiveLimits
{
    private const int DefaultJoins = 10;

    // The descriptors that a running node opens besides its sockets: for further assemblies, listeners and event queues.
    private const int Reserved = 96;

    // The part of them that it may open after the sockets have taken all others. If more is needed than expected, this many are left.
    private const int OpenedLate = 16;

    // Sockets beyond the WebSockets, for health checks, signals, and connections that are being refused with a reason: a twentieth, within these
    // bounds. The same number is reserved for the management port, if there is one.
    private const int FewestOthers = 8;
    private const int MostOthers = 1024;

    public EffectiveLimits(
        IOptions<LimitOptions> options, IOptions<NodeOptions> node, IOptions<EndpointOptions> endpoints, FileDescriptorLimit descriptors)
    {
        var set = options.Value;
        var isTest = node.Value.IsTest;

        var hasManagementPort = endpoints.Value.ManagementPort != 0;

        // Above this number of TCP connections of any kind a new one is dropped at once. Otherwise the node would run out of descriptors, and could
        // not even accept a connection to refuse it.
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

    /// <summary>Gets the largest number of TCP connections of every kind, at all ports.</summary>
    public long MaxTcpConnections { get; }

    /// <summary>Gets the number of open TCP connections, at all ports, above which only the management port accepts more.</summary>
    public long MaxPublicTcpConnections { get; }

    /// <summary>
    /// Gets the lowest file descriptor that no connection to a public port may have. What the process opens besides sockets cannot be predicted
    /// exactly. The number of a descriptor shows how many are open, because the kernel assigns the lowest free one.
    /// </summary>
    public long FirstReservedDescriptor { get; }

    private static long Others(long connections) => Math.Clamp(connections / 20, FewestOthers, MostOthers);
}
